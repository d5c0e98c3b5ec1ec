/**
 * Operation of a server. {@link dev.narthex.ops.start.Main} locks the data folder, starts the embedded database if no other is
 * configured, and starts Quarkus. Also here: setup of a new instance ({@link dev.narthex.ops.start.Bootstrap}), the job queue, the
 * schedule of collection and checks, health and metrics, {@link dev.narthex.ops.snapshot.SnapshotJob} of the database, and
 * {@code Restore},
 * which fills an empty database from them. May use every package except the protocol adapters.
 */
@NullMarked
package dev.narthex.ops;

import org.jspecify.annotations.NullMarked;
