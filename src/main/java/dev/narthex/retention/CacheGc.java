package dev.narthex.retention;

import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.catalog.cache.CacheSettingsStore;
import dev.narthex.catalog.cache.Retention;
import dev.narthex.problem.Problem;
import dev.narthex.retention.ExpiredReleases.ExpiredRelease;
import dev.narthex.retention.PathMarker.UnreachablePath;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;

/**
 * Garbage-collects a cache: removes releases beyond the number of versions to keep, then the paths that no root reaches. Runs may
 * overlap, in any process, and may be interrupted: each batch runs in its own transaction, which checks again whether its rows
 * may be deleted. The store's sweep later deletes bytes that no cache of the dedup domain references.
 */
@ApplicationScoped
public class CacheGc {
    static final String BY = "narthex";

    private static final int RELEASES = 200;
    /**
     * Referrers are usually newer, so that most are deleted before the paths they refer to; further passes delete what arrived in
     * another order.
     */
    private static final int MAX_PASSES = 100;
    /** Maximum number of paths in a reference cycle. */
    private static final int MAX_CYCLE_SIZE = 500;

    private static final int MAX_CYCLES = 1000;
    /** Each preview of a large cache keeps the database busy for minutes. */
    private static final int MAX_DRY_RUNS = 2;

    private final CacheSettingsStore settings;
    private final GcRuns runs;
    private final ExpiredReleases expiredReleases;
    private final PathMarker marker;
    private final PathSweeper sweeper;
    private final Pins pins;
    private final AuditLog audit;
    private final Semaphore previews = new Semaphore(MAX_DRY_RUNS);

    CacheGc(
            CacheSettingsStore settings,
            GcRuns runs,
            ExpiredReleases expiredReleases,
            PathMarker marker,
            PathSweeper sweeper,
            Pins pins,
            AuditLog audit) {
        this.settings = settings;
        this.runs = runs;
        this.expiredReleases = expiredReleases;
        this.marker = marker;
        this.sweeper = sweeper;
        this.pins = pins;
        this.audit = audit;
    }

    /** A cache and the collection that runs in it. */
    private record CacheGcRun(long cacheId, String cache, Retention rules, GcRuns.Run run) {}

    /**
     * Result of a dry run.
     *
     * @param paths how many paths would be deleted; {@code list} has only the first of them
     * @param narBytes sum of the NAR sizes of all these paths
     * @param releaseCount how many releases would be removed; {@code releases} has only the first of them
     */
    public record GcPreview(
            long paths, long narBytes, long releaseCount, List<ExpiredRelease> releases, List<UnreachablePath> list) {
        public GcPreview {
            releases = List.copyOf(releases);
            list = List.copyOf(list);
        }
    }

    /**
     * Reports what a collection would delete, without deleting anything.
     *
     * @param max bound of each of the two lists
     * @throws dev.narthex.problem.ProblemException Unavailable while {@value #MAX_DRY_RUNS} previews run in this process
     */
    public GcPreview preview(long cacheId, String cache, String by, int max) {
        var rules = settings.of(cacheId).retention();
        if (rules.keepsForever()) {
            return new GcPreview(0, 0, 0, List.of(), List.of());
        }
        if (!previews.tryAcquire()) {
            throw Problem.unavailable("Too many dry runs are running. Try again in a moment.", 10);
        }
        try {
            return preview(
                    new CacheGcRun(cacheId, cache, rules, inNewTransaction(() -> runs.begin(cacheId, true, by))), max);
        } finally {
            previews.release();
        }
    }

    private GcPreview preview(CacheGcRun at, int max) {
        mark(at);
        var from = at.run.started();
        var sum = marker.totalUnreachable(at.cacheId, at.run.id(), from);
        var list = marker.listUnreachable(at.cacheId, at.run.id(), from, 0, max);
        var leaving = expiredReleases.listExpired(at.cacheId, at.rules, 0, max);
        finish(at);
        return new GcPreview(sum.paths(), sum.bytes(), expiredReleases.count(at.cacheId, at.rules), leaving, list);
    }

    /**
     * Runs a collection and returns its totals. Returns empty, and collects nothing, if the cache has no retention policy;
     * expired pins are removed in any case.
     */
    public Optional<GcRuns.Run> collect(long cacheId, String cache, String by) {
        inNewTransaction(() -> pins.expire(cacheId));
        var rules = settings.of(cacheId).retention();
        if (rules.keepsForever()) {
            return Optional.empty();
        }
        var at = new CacheGcRun(cacheId, cache, rules, inNewTransaction(() -> runs.begin(cacheId, false, by)));
        removeReleases(at);
        mark(at);
        boolean more = true;
        for (int pass = 0; more && pass < MAX_PASSES; pass++) {
            more = removePaths(at) > 0;
        }
        removeCircles(at);
        finish(at);
        var run = runs.find(cacheId, at.run.id()).orElseThrow();
        if (run.paths() + run.releases() > 0) {
            Log.infof("collected %s %d paths %d bytes %d releases", cache, run.paths(), run.bytes(), run.releases());
        }
        return Optional.of(run);
    }

    private void finish(CacheGcRun at) {
        QuarkusTransaction.requiringNew().run(() -> marker.deleteMarks(at.cacheId, at.run.id()));
        QuarkusTransaction.requiringNew().run(() -> {
            runs.finish(at.cacheId, at.run.id());
            var sum = runs.find(at.cacheId, at.run.id()).orElseThrow();
            if (sum.paths() > 0) {
                audit.recordDone(act(at, "collect " + sum.paths() + " paths, " + sum.bytes() + " bytes"), BY);
            }
        });
    }

    private static AuditEvent act(CacheGcRun at, String what) {
        return new AuditEvent(Optional.of(at.cacheId), at.cache, Action.MAINTAIN.toString(), what);
    }

    private void removeReleases(CacheGcRun at) {
        long after = 0;
        var releases = expiredReleases.listExpired(at.cacheId, at.rules, after, RELEASES);
        while (!releases.isEmpty()) {
            var packages = releases.stream()
                    .collect(Collectors.toMap(ExpiredRelease::packageId, release -> release, (a, b) -> a));
            for (var release : packages.values()) {
                boolean more = true;
                while (more) {
                    more = removeReleases(at, release);
                }
            }
            after = releases.getLast().packageId();
            releases = expiredReleases.listExpired(at.cacheId, at.rules, after, RELEASES);
        }
    }

    /** Removes one batch of the old releases of a package. Returns whether there may be more. */
    private boolean removeReleases(CacheGcRun at, ExpiredRelease release) {
        var kept = at.rules.versions().orElse(0);
        var reason = "Not one of the last " + kept + " versions, which is what this cache keeps";
        return inNewTransaction(() -> {
            var gone = expiredReleases.remove(at.cacheId, release, at.rules, BY, reason);
            gone.forEach(version -> audit.recordDone(
                    act(at, "remove " + release.ecosystem() + " " + release.normalized() + "@" + version), BY));
            runs.addTotals(at.cacheId, at.run.id(), 0, 0, gone.size());
            return !gone.isEmpty();
        });
    }

    private void mark(CacheGcRun at) {
        var last = Optional.of("");
        while (last.isPresent()) {
            var after = last.get();
            last = inNewTransaction(() -> marker.markRoots(at.cacheId, at.run.id(), at.rules, after));
        }
        boolean more = true;
        for (int round = 0; more; round++) {
            more = markReferences(at, round);
        }
    }

    /** Marks the references of the paths that were marked in the round before. Returns whether there were any. */
    private boolean markReferences(CacheGcRun at, int round) {
        boolean any = false;
        var last = Optional.of(0L);
        while (last.isPresent()) {
            long after = last.get();
            last = inNewTransaction(() -> marker.markReferences(at.cacheId, at.run.id(), round, after));
            any |= last.isPresent();
        }
        return any;
    }

    /** Makes one pass over all unmarked paths. Returns how many were deleted. */
    private long removePaths(CacheGcRun at) {
        long all = 0;
        var before = at.run.started();
        long id = 0;
        var batch = marker.listUnreachable(at.cacheId, at.run.id(), before, id, PathSweeper.BATCH);
        while (!batch.isEmpty()) {
            all += remove(at, batch.stream().map(UnreachablePath::id).toList());
            before = batch.getLast().pushedAt();
            id = batch.getLast().id();
            batch = marker.listUnreachable(at.cacheId, at.run.id(), before, id, PathSweeper.BATCH);
        }
        return all;
    }

    /** Deletes cycles of references whose paths were pushed too far apart to be in the same batch. */
    private void removeCircles(CacheGcRun at) {
        var tried = new ArrayList<Long>();
        Instant before = at.run.started();
        long id = 0;
        var batch = marker.listUnreachable(at.cacheId, at.run.id(), before, id, PathSweeper.BATCH);
        while (!batch.isEmpty() && tried.size() < MAX_CYCLES) {
            for (var path : batch) {
                tried.add(path.id());
                remove(at, sweeper.withReferrers(at.cacheId, path.id(), MAX_CYCLE_SIZE));
            }
            before = batch.getLast().pushedAt();
            id = batch.getLast().id();
            batch = marker.listUnreachable(at.cacheId, at.run.id(), before, id, PathSweeper.BATCH);
        }
    }

    private int remove(CacheGcRun at, Collection<Long> ids) {
        if (ids.isEmpty()) {
            return 0;
        }
        return inNewTransaction(() -> {
            var result = sweeper.remove(at.cacheId, at.rules, ids);
            if (!result.ids().isEmpty()) {
                runs.addTotals(at.cacheId, at.run.id(), result.ids().size(), result.bytes(), 0);
            }
            return result.ids().size();
        });
    }

    private static <T> T inNewTransaction(Callable<T> work) {
        return QuarkusTransaction.requiringNew().call(work);
    }
}
