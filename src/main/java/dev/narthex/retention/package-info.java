/**
 * What a cache keeps and why: retention policy, pins and other GC roots, garbage collection, and the purge of single paths.
 */
@NullMarked
package dev.narthex.retention;

import org.jspecify.annotations.NullMarked;
