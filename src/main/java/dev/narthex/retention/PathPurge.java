package dev.narthex.retention;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.PackageEditRepository;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.retention.PurgePlan.Plan;
import dev.narthex.retention.PurgePlan.PurgedRelease;
import dev.narthex.retention.PurgePlan.Target;
import dev.narthex.spi.Cache;
import dev.narthex.spi.JobQueue;
import dev.narthex.store.PendingUploads;
import dev.narthex.store.upkeep.PackRepacker;
import dev.narthex.store.upkeep.StoreSweeper;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Deletes a path and its bytes immediately, for a leaked secret. All store paths of the same NAR and the files derived from them
 * are deleted too; referrers, releases and pins only if the caller agrees, see {@link PurgeScope}.
 */
@ApplicationScoped
public class PathPurge {
    /** Maximum number of paths that one purge deletes. */
    public static final int MAX_PATHS = 1000;

    /** Maximum number of plans: a concurrent push can add referrers after a plan was made. */
    private static final int TRIES = 5;

    private static final int NAMED = 10;

    private final Access access;
    private final AuditLog audit;
    private final Paths paths;
    private final PurgePlan plans;
    private final PathSweeper pathSweeper;
    private final PackageEditRepository edits;
    private final Pins pins;
    private final PendingUploads uploads;
    private final StoreSweeper storeSweeper;
    private final PackRepacker repack;
    private final JobQueue jobs;

    PathPurge(
            Access access,
            AuditLog audit,
            Paths paths,
            PurgePlan plans,
            PathSweeper pathSweeper,
            PackageEditRepository edits,
            Pins pins,
            PendingUploads uploads,
            StoreSweeper storeSweeper,
            PackRepacker repack,
            JobQueue jobs) {
        this.access = access;
        this.audit = audit;
        this.paths = paths;
        this.plans = plans;
        this.pathSweeper = pathSweeper;
        this.edits = edits;
        this.pins = pins;
        this.uploads = uploads;
        this.storeSweeper = storeSweeper;
        this.repack = repack;
        this.jobs = jobs;
    }

    /** Kinds of objects that a purge may delete together with a path. */
    public enum PurgeScope {
        REFERRERS,
        RELEASES,
        PINS
    }

    /**
     * Result of a purge.
     *
     * @param paths full store paths that were deleted
     * @param bytesGone whether all bytes were deleted; false if another cache of the dedup domain still has some of them
     */
    public record PurgeResult(List<String> paths, List<String> releases, List<String> pins, boolean bytesGone) {}

    /**
     * Purges a path. Each step has its own transaction, so a call that fails may have deleted some of the objects.
     *
     * @param scopes kinds of objects that may be deleted with the path
     * @param reason recorded in the tombstones of deleted releases
     * @throws ProblemException NotFound; Conflict if referrers, releases or pins need the path and {@code scopes} does not include
     *     them; Unavailable if concurrent pushes keep adding referrers
     */
    public PurgeResult purge(String cacheName, String hash, Set<PurgeScope> scopes, String reason) {
        var cache = access.require(Action.MAINTAIN, cacheName);
        var path = require(cache, hash);
        var targets = new LinkedHashSet<Target>();
        var released = new LinkedHashSet<String>();
        var unpinned = new LinkedHashSet<String>();
        var packs = new LinkedHashSet<Long>();
        for (int i = 0; i < TRIES; i++) {
            var plan = plans.of(path, scopes.contains(PurgeScope.REFERRERS), MAX_PATHS);
            if (plan.targets().isEmpty()) {
                boolean all = purged(nars(targets), packs);
                Log.infof("purged %s %s and %d more paths", cache.name(), path.path(), targets.size() - 1);
                return new PurgeResult(pathNames(targets), List.copyOf(released), List.copyOf(unpinned), all);
            }
            requireFree(path, plan, scopes);
            packs.addAll(storeSweeper.packIdsOf(nars(plan.targets())));
            released.addAll(removeReleases(cache, plan, reason));
            unpinned.addAll(removePins(cache, plan));
            targets.addAll(removePaths(cache, plan));
        }
        throw Problem.unavailable("A running push references this path. Try again in a moment.", 1);
    }

    /** Deletes the packs. Chunks that other NARs share are first copied into other packs. */
    private boolean purged(Collection<Long> nars, Collection<Long> packs) {
        boolean all = storeSweeper.purge(nars, packs);
        boolean taken = repack.evacuate(packs);
        storeSweeper.purge(List.of(), packs);
        return all && taken;
    }

    private PathInfo require(Cache cache, String hash) {
        return paths.find(cache.id(), hash).orElseThrow(() -> Problem.notFound("store path", hash));
    }

    private static void requireFree(PathInfo path, Plan plan, Set<PurgeScope> scopes) {
        if (plan.targets().size() > MAX_PATHS) {
            throw refusalReason("More than " + MAX_PATHS + " paths would be deleted with " + path.path() + ".");
        }
        if (!plan.referrers().isEmpty()) {
            throw refusalReason("Others refer to " + path.path() + ": " + pathNames(plan.referrers())
                    + ". Use with=referrers to delete them too.");
        }
        if (!plan.releases().isEmpty() && !scopes.contains(PurgeScope.RELEASES)) {
            throw refusalReason(path.path() + " is in releases: " + pathNames(plan.releases())
                    + ". Use with=releases to delete them too.");
        }
        if (!plan.pins().isEmpty() && !scopes.contains(PurgeScope.PINS)) {
            throw refusalReason(
                    path.path() + " is pinned: " + pathNames(plan.pins()) + ". Use with=pins to delete the pins too.");
        }
    }

    private static ProblemException refusalReason(String detail) {
        return Problem.conflict("Needed", detail);
    }

    private static String pathNames(List<?> all) {
        return all.stream().limit(NAMED).map(Object::toString).collect(Collectors.joining(", "))
                + (all.size() > NAMED ? " and more" : "");
    }

    /** Deletes each release as if a person did, so that tombstones keep the digests promised for its files. */
    private List<String> removeReleases(Cache cache, Plan plan, String reason) {
        var removed = new ArrayList<String>();
        for (var release : plan.releases()) {
            boolean done = QuarkusTransaction.requiringNew().call(() -> remove(cache, release, reason));
            if (done) {
                removed.add(release.toString());
            }
        }
        return removed;
    }

    private boolean remove(Cache cache, PurgedRelease release, String reason) {
        var locked = edits.lock(cache.id(), release.ecosystem(), release.normalized());
        boolean done = locked.isPresent() && edits.remove(locked.get(), release.version(), access.principal(), reason);
        if (done) {
            audit.recordDone(AuditEvent.ofCache(cache, Action.MAINTAIN, "remove " + release));
        }
        return done;
    }

    private List<String> removePins(Cache cache, Plan plan) {
        return QuarkusTransaction.requiringNew()
                .call(() -> plan.pins().stream()
                        .filter(name -> pins.remove(cache.id(), name))
                        .peek(name -> audit.recordDone(AuditEvent.ofCache(cache, Action.MAINTAIN, "unpin " + name)))
                        .toList());
    }

    private List<Target> removePaths(Cache cache, Plan plan) {
        var ids = plan.targets().stream().map(Target::id).toList();
        return QuarkusTransaction.requiringNew().call(() -> {
            var result = pathSweeper.purge(cache.id(), ids);
            var targets = plan.targets().stream()
                    .filter(target -> result.ids().contains(target.id()))
                    .toList();
            uploads.delete(cache.id(), nars(targets));
            jobs.queue(JobQueue.SNAPSHOT, JobQueue.REPLACE);
            targets.forEach(target -> audit.recordDone(AuditEvent.ofCache(
                    cache, Action.MAINTAIN, "purge " + target.path().baseName())));
            return targets;
        });
    }

    private static Collection<Long> nars(Collection<Target> targets) {
        return targets.stream().map(Target::narId).collect(Collectors.toSet());
    }

    private static List<String> pathNames(Collection<Target> targets) {
        return targets.stream().map(target -> target.path().toString()).toList();
    }
}
