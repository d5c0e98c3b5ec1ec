/**
 * Maintenance of stored bytes: sweep, repack, scrub, moves between backends, and recovery after a restore.
 */
@NullMarked
package dev.narthex.store.upkeep;

import org.jspecify.annotations.NullMarked;
