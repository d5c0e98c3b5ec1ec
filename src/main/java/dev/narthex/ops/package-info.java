/**
 * Running it: {@link dev.narthex.ops.Main} takes the data folder, starts the embedded database if none is configured, and
 * hands over to Quarkus. Then the first start ({@link dev.narthex.ops.FirstStart}), the queue of jobs, collection, checks and health;
 * {@link dev.narthex.ops.Snapshots} of the database, and {@code Restore}, which fills an empty one from them.
 * Sees every package but the faces.
 */
@NullMarked
package dev.narthex.ops;

import org.jspecify.annotations.NullMarked;
