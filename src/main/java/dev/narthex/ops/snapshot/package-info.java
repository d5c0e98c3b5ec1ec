/**
 * Snapshots of the database in the store, and the commands that create and restore them.
 */
@NullMarked
package dev.narthex.ops.snapshot;

import org.jspecify.annotations.NullMarked;
