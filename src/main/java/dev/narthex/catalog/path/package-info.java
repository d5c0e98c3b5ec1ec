/**
 * Store paths of a cache with their references, closures, realisations and build logs.
 */
@NullMarked
package dev.narthex.catalog.path;

import org.jspecify.annotations.NullMarked;
