/**
 * Decides which paths a cache keeps: retention policy, pins and other GC roots, garbage collection, and the purge of single paths.
 */
@NullMarked
package dev.narthex.retention;

import org.jspecify.annotations.NullMarked;
