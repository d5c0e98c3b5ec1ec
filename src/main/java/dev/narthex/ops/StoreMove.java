package dev.narthex.ops;

import dev.narthex.spi.Job;
import dev.narthex.spi.Jobs;
import dev.narthex.store.Backends;
import dev.narthex.store.Moving;
import dev.narthex.store.Moving.Standing;
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
class StoreMove implements Job {
    static final String KIND = "move-store";

    private static final Duration TURN = Duration.ofSeconds(20);
    /** Number of packs moved concurrently; for small packs, most time is spent waiting for the other backend. */
    private static final int AT_ONCE = 8;

    private static final int BATCH = 64;
    private static final int BEFORE_JOBS_STOP = 100;

    private final Backends backends;
    private final Moving moving;
    private final Jobs jobs;
    private final SnapshotConfig snapshots;
    private volatile boolean stopping;
    /** Progress of this process. */
    private volatile Round round = Round.FIRST;

    StoreMove(Backends backends, Moving moving, Jobs jobs, SnapshotConfig snapshots) {
        this.backends = backends;
        this.moving = moving;
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
    private record Round(long after, int failed, String reason) {
        static final Round FIRST = new Round(0, 0, "");

        Round at(long pack) {
            return new Round(pack, failed, reason);
        }

        Round failed(String why) {
            return new Round(after, failed + 1, failed == 0 ? why : reason);
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

    void stop(@Observes @Priority(BEFORE_JOBS_STOP) ShutdownEvent end) {
        stopping = true;
    }

    /** @param target name of the backend to move packs to */
    @Override
    public void run(String target) {
        if (!backends.target().equals(target)) {
            Log.warnf("packs are not moved to %s: new ones go to %s now", target, backends.target());
            return;
        }
        if (turn()) {
            QuarkusTransaction.requiringNew().run(() -> jobs.queue(KIND, target));
            return;
        }
        var ended = round;
        round = Round.FIRST;
        if (ended.failed() > 0) {
            throw new IllegalStateException(
                    ended.failed() + " packs stay where they are; of the first: " + ended.reason());
        }
        Log.infof("all packs are in %s", target);
        if (snapshots.nightly()) {
            // so that a backup of this backend alone can be restored
            QuarkusTransaction.requiringNew().run(() -> Snapshots.queue(jobs));
        }
    }

    /** Moves packs for a limited time. Returns whether there may be more. */
    private boolean turn() {
        long end = System.nanoTime() + TURN.toNanos();
        while (!stopping && System.nanoTime() < end) {
            var next = moving.next(round.after(), BATCH);
            if (next.isEmpty()) {
                return false;
            }
            move(next);
        }
        return true;
    }

    private void move(List<Standing> packs) {
        try (var workers =
                Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
            var all = packs.stream()
                    .map(pack -> workers.submit(() -> !stopping && moving.move(pack)))
                    .toList();
            for (int i = 0; i < all.size(); i++) {
                await(packs.get(i), all.get(i));
            }
        }
        if (!stopping) {
            round = round.at(packs.getLast().id());
        }
    }

    private void await(Standing pack, Future<Boolean> moved) {
        try {
            moved.get();
        } catch (ExecutionException e) {
            var cause = e.getCause();
            var expected = String.valueOf(cause instanceof IOException ? cause.getMessage() : cause);
            Log.warnf("pack %s stays where it is: %s", pack.key().path(), expected);
            round = round.failed(expected);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }
}
