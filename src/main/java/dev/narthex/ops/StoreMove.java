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
 * Moves all packs to where new ones go. It works for a while and queues itself again, so that other jobs get their turn and a
 * new start goes on. A pack that cannot be moved stays where it is and is read from there; when all others have been moved, the
 * job fails with the reason and is tried again, later and later.
 */
@Singleton
class StoreMove implements Job {
    static final String KIND = "move-store";

    private static final Duration TURN = Duration.ofSeconds(20);
    /** Packs that are moved at the same time: of small ones most time is spent on waiting for the other side. */
    private static final int AT_ONCE = 8;

    private static final int BATCH = 64;
    private static final int BEFORE_JOBS_STOP = 100;

    private final Backends backends;
    private final Moving moving;
    private final Jobs jobs;
    private final SnapshotConfig snapshots;
    private volatile boolean stopping;
    /** How far this process has come. */
    private volatile Round round = Round.FIRST;

    StoreMove(Backends backends, Moving moving, Jobs jobs, SnapshotConfig snapshots) {
        this.backends = backends;
        this.moving = moving;
        this.jobs = jobs;
        this.snapshots = snapshots;
    }

    /**
     * One way through all packs.
     *
     * @param after the last pack that was seen
     * @param reason why the first of the failed ones did
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

    /** @param target the name of the backend that packs are to go to */
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
            // so that a backup of this place alone can be restored
            QuarkusTransaction.requiringNew().run(() -> Snapshots.queue(jobs));
        }
    }

    /** Returns whether there may be more to do. */
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
