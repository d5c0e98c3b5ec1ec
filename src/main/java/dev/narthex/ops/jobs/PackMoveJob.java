package dev.narthex.ops.jobs;

import dev.narthex.ops.snapshot.SnapshotConfig;
import dev.narthex.ops.snapshot.SnapshotJob;
import dev.narthex.spi.Job;
import dev.narthex.spi.JobQueue;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.upkeep.PackMover;
import dev.narthex.store.upkeep.PackMover.PendingPack;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Job that moves all packs to the backend for new packs. It runs for a while and queues itself again, so that other jobs get their
 * turn and a restart continues the move. A pack that cannot be moved stays readable where it is. When all others have been moved,
 * the job fails with the reason and is retried with growing delays.
 */
@Singleton
public class PackMoveJob implements Job {
    public static final String KIND = "move-store";

    private static final Duration MAX_RUN_TIME = Duration.ofSeconds(20);
    /** Number of packs moved concurrently; for small packs, most time is spent waiting for the other backend. */
    private static final int MAX_CONCURRENT_MOVES = 8;

    private static final int BATCH_SIZE = 64;
    private static final int PRIORITY_BEFORE_JOBS_STOP = 100;

    private final ConfiguredBackends backends;
    private final PackMover packMover;
    private final JobQueue jobs;
    private final SnapshotConfig snapshots;
    private volatile boolean stopping;
    /** Progress of this process. */
    private volatile MovePass currentPass = MovePass.FIRST;

    PackMoveJob(ConfiguredBackends backends, PackMover packMover, JobQueue jobs, SnapshotConfig snapshots) {
        this.backends = backends;
        this.packMover = packMover;
        this.jobs = jobs;
        this.snapshots = snapshots;
    }

    /**
     * A pass over all packs.
     *
     * @param after id of the last pack seen
     * @param failed number of packs that could not be moved
     * @param reason why the first of them failed
     */
    private record MovePass(long after, int failed, String reason) {
        static final MovePass FIRST = new MovePass(0, 0, "");

        MovePass advanceTo(long pack) {
            return new MovePass(pack, failed, reason);
        }

        MovePass failed(String message) {
            return new MovePass(after, failed + 1, failed == 0 ? message : reason);
        }
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public boolean patient() {
        return true;
    }

    void stop(@Observes @Priority(PRIORITY_BEFORE_JOBS_STOP) ShutdownEvent event) {
        stopping = true;
    }

    /** @param target name of the backend to move packs to */
    @Override
    public void run(String target) {
        if (!backends.writeTargetName().equals(target)) {
            Log.warnf("packs are not moved to %s: new packs are now written to %s", target, backends.writeTargetName());
            return;
        }
        if (moveForLimitedTime()) {
            QuarkusTransaction.requiringNew().run(() -> jobs.queue(KIND, target));
            return;
        }
        var finishedPass = currentPass;
        currentPass = MovePass.FIRST;
        if (finishedPass.failed() > 0) {
            throw new IllegalStateException(
                    finishedPass.failed() + " packs stay where they are; of the first: " + finishedPass.reason());
        }
        Log.infof("all packs are in %s", target);
        if (snapshots.nightly()) {
            // so that a backup of this backend alone can be restored
            QuarkusTransaction.requiringNew().run(() -> SnapshotJob.queue(jobs));
        }
    }

    /** Moves packs for a limited time. Returns whether there may be more. */
    private boolean moveForLimitedTime() {
        long deadline = System.nanoTime() + MAX_RUN_TIME.toNanos();
        while (!stopping && System.nanoTime() < deadline) {
            var batch = packMover.listPending(currentPass.after(), BATCH_SIZE);
            if (batch.isEmpty()) {
                return false;
            }
            move(batch);
        }
        return true;
    }

    private void move(List<PendingPack> packs) {
        try (var workers = Executors.newFixedThreadPool(
                MAX_CONCURRENT_MOVES, Thread.ofVirtual().factory())) {
            var moves = packs.stream()
                    .map(pack -> workers.submit(() -> !stopping && packMover.move(pack)))
                    .toList();
            for (int i = 0; i < moves.size(); i++) {
                await(packs.get(i), moves.get(i));
            }
        }
        if (!stopping) {
            currentPass = currentPass.advanceTo(packs.getLast().id());
        }
    }

    private void await(PendingPack pack, Future<Boolean> future) {
        try {
            future.get();
        } catch (ExecutionException e) {
            var cause = e.getCause();
            var message = String.valueOf(cause instanceof IOException ? cause.getMessage() : cause);
            Log.warnf("pack %s stays where it is: %s", pack.key().path(), message);
            currentPass = currentPass.failed(message);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }
}
