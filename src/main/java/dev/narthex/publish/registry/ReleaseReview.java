package dev.narthex.publish.registry;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.DeclinedReleases;
import dev.narthex.catalog.release.DeclinedReleases.DeclineResult;
import dev.narthex.catalog.release.PackageEditRepository;
import dev.narthex.catalog.release.PackageEditRepository.LockedPackageRef;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.PrimaryArtifact;
import dev.narthex.catalog.release.Promotions;
import dev.narthex.catalog.release.RecognizedRelease;
import dev.narthex.catalog.release.Releases;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.JobQueue;
import dev.narthex.spi.ReleaseInfo;
import io.quarkus.arc.All;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Promotes or declines proposed releases, which were recognized in a push but need a maintainer's decision. Each decision is one
 * transaction with its audit entry. Decisions are idempotent.
 */
@ApplicationScoped
public class ReleaseReview {
    private static final int MAX_LISTED_BUILDS = 20;

    /** Orders the artifacts of a build; the last one is the primary artifact, whose facts describe the release. */
    private static final Comparator<Artifact> PRIMARY_ORDER = PrimaryArtifact.order(
                    Artifact::origin, Artifact::output, Artifact::at)
            .thenComparing(Artifact::id);

    private final Access access;
    private final AuditLog audit;
    private final Packages packages;
    private final PackageEditRepository packageEdits;
    private final Promotions promotions;
    private final DeclinedReleases declinedReleases;
    private final Releases releases;
    private final Paths paths;
    private final ReleaseRecognition recognition;
    private final JobQueue jobs;
    private final List<Ecosystem> ecosystems;

    ReleaseReview(
            Access access,
            AuditLog audit,
            Packages packages,
            PackageEditRepository packageEdits,
            Promotions promotions,
            DeclinedReleases declinedReleases,
            Releases releases,
            Paths paths,
            ReleaseRecognition recognition,
            JobQueue jobs,
            @All List<Ecosystem> ecosystems) {
        this.access = access;
        this.audit = audit;
        this.packages = packages;
        this.packageEdits = packageEdits;
        this.promotions = promotions;
        this.declinedReleases = declinedReleases;
        this.releases = releases;
        this.paths = paths;
        this.recognition = recognition;
        this.jobs = jobs;
        this.ecosystems = ecosystems;
    }

    /**
     * Returns a release that the request's principal may maintain.
     *
     * @param name package name in any spelling
     * @throws ProblemException Unauthorized, Forbidden, NotFound
     */
    public Proposal require(String cache, String ecosystem, String name, String version) {
        return new Proposal(ReleaseRef.require(access, ecosystems, cache, ecosystem, name, version));
    }

    private static void requireHash(String path) {
        if (!StorePath.isHash(path)) {
            throw Problem.malformed("path", path, "use the 32 characters of the hash part of a store path.");
        }
    }

    /** Returns the hash part of one path of each build, for error messages. */
    private static String listBuildPaths(ReleaseInfo release) {
        return release.artifacts().stream()
                .collect(Collectors.toMap(Artifact::build, Artifact::path, (a, b) -> a, LinkedHashMap::new))
                .values()
                .stream()
                .limit(MAX_LISTED_BUILDS)
                .map(StorePath::hash)
                .collect(Collectors.joining(", "));
    }

    /** A release to decide about. It may not exist, and may not be proposed. */
    public final class Proposal {
        private final ReleaseRef ref;

        private Proposal(ReleaseRef ref) {
            this.ref = ref;
        }

        /**
         * Releases a build, so that registries serve it. The path is recognized again first, because the facts of the release
         * become those of this build.
         *
         * @param path hash part of a store path of the build; may be empty if the release has only one build
         * @return whether anything changed
         * @throws ProblemException Malformed if the release has several builds and no path is given; NotFound; Conflict if other
         *     bytes were promised to clients, or if the path is no longer recognized as this release
         */
        public boolean promote(Optional<String> path) {
            path.ifPresent(ReleaseReview::requireHash);
            var release = release();
            var build = selectBuild(release, path);
            if (build.stream().allMatch(Artifact::released)) {
                return false;
            }
            var primary = build.stream().max(PRIMARY_ORDER).orElseThrow();
            var recognizedRelease = recognizeAgain(release, primary);
            return QuarkusTransaction.requiringNew().call(() -> promote(primary, recognizedRelease));
        }

        private boolean promote(Artifact primary, RecognizedRelease recognizedRelease) {
            boolean changed = packageEdits
                    .lock(ref.cache().id(), ref.ecosystem().id(), ref.normalizedName())
                    .flatMap(locked -> promotions.promote(locked, ref.version(), primary.build(), access.principal()))
                    .orElseThrow(ref::notFound);
            if (changed) {
                releases.record(ref.cache(), ref.ecosystem().id(), recognizedRelease);
                audit.recordDone(AuditEvent.ofCache(
                        ref.cache(),
                        Action.MAINTAIN,
                        "promote " + this + ", " + primary.path().baseName()));
                Log.infof("promoted %s %s", ref.cache().name(), this);
            }
            return changed;
        }

        private RecognizedRelease recognizeAgain(ReleaseInfo release, Artifact primary) {
            return paths.find(ref.cache().id(), primary.path().hash())
                    .flatMap(pathInfo -> recognition.recognizeAgain(ref.cache(), ref.ecosystem(), release, pathInfo))
                    .orElseThrow(() -> Problem.conflict(
                            "Not recognised",
                            "What is in " + primary.path() + " is no longer read as " + this + ". See its page."));
        }

        /**
         * Removes proposed builds from the release permanently. Their store paths stay.
         *
         * @param paths hash parts of store paths, one of each build to decline; empty for all proposed builds
         * @return hash parts of the builds removed by this call, and whether the release is gone
         * @throws ProblemException Malformed, NotFound, Conflict if it is released
         */
        public DeclineResult decline(List<String> paths) {
            paths.forEach(ReleaseReview::requireHash);
            var builds = packages.release(ref.cache(), ref.ecosystem().id(), ref.normalizedName(), ref.version())
                    .map(release -> selectBuilds(release, paths))
                    .orElse(Set.of());
            if (builds.isEmpty()) {
                return requireAlreadyDeclined(paths);
            }
            return QuarkusTransaction.requiringNew().call(() -> {
                var locked = packageEdits.lock(ref.cache().id(), ref.ecosystem().id(), ref.normalizedName());
                return locked.isPresent()
                        ? decline(locked.get(), paths.isEmpty() ? Set.of() : builds, paths)
                        : requireAlreadyDeclined(paths);
            });
        }

        private DeclineResult decline(LockedPackageRef locked, Set<String> builds, List<String> paths) {
            var result = declinedReleases.decline(locked, ref.version(), builds, access.principal());
            if (result.filter(declined -> !declined.paths().isEmpty()).isEmpty()) {
                return requireAlreadyDeclined(paths);
            }
            result.get()
                    .leads()
                    .ifPresent(
                            hash -> jobs.queue(ReleaseRecognition.KIND, ReleaseRecognition.jobKey(ref.cache(), hash)));
            audit.recordDone(AuditEvent.ofCache(
                    ref.cache(),
                    Action.MAINTAIN,
                    "decline " + this + ", " + String.join(" ", result.get().paths())));
            Log.infof("declined %s %s", ref.cache().name(), this);
            return result.get();
        }

        /** Handles a call with nothing to decline: it was declined earlier, is released, or does not exist. */
        private DeclineResult requireAlreadyDeclined(List<String> paths) {
            var path = paths.stream().findFirst();
            boolean wasDeclined = declinedReleases.isDeclined(
                    ref.cache().id(), ref.ecosystem().id(), ref.normalizedName(), ref.version(), path);
            var release = packages.release(ref.cache(), ref.ecosystem().id(), ref.normalizedName(), ref.version());
            if (!wasDeclined
                    && release.filter(existing -> !selectBuilds(existing, paths).isEmpty())
                            .isPresent()) {
                throw Problem.conflict(
                        "Not proposed", this + " is released. To take it back, deprecate, yank or remove it.");
            }
            if (!wasDeclined) {
                throw path.isPresent() && release.isPresent() ? buildNotFound(path.get()) : ref.notFound();
            }
            return new DeclineResult(List.of(), release.isEmpty(), Optional.empty());
        }

        private ReleaseInfo release() {
            return packages.release(ref.cache(), ref.ecosystem().id(), ref.normalizedName(), ref.version())
                    .orElseThrow(ref::notFound);
        }

        /** Returns the artifacts of the selected build. */
        private List<Artifact> selectBuild(ReleaseInfo release, Optional<String> path) {
            var builds = selectBuilds(release, path.stream().toList());
            if (path.isEmpty() && builds.size() > 1) {
                throw Problem.malformed(
                        "path",
                        "",
                        "there are " + builds.size() + " builds of " + this
                                + "; give the hash part of the store path of one: " + listBuildPaths(release)
                                + ".");
            }
            if (builds.isEmpty()) {
                throw buildNotFound(path.orElse(""));
            }
            return release.artifacts().stream()
                    .filter(artifact -> builds.contains(artifact.build()))
                    .toList();
        }

        /** Returns the builds with one of these paths, or all builds if {@code paths} is empty. */
        private static Set<String> selectBuilds(ReleaseInfo release, List<String> paths) {
            return release.artifacts().stream()
                    .filter(artifact ->
                            paths.isEmpty() || paths.contains(artifact.path().hash()))
                    .map(Artifact::build)
                    .collect(Collectors.toSet());
        }

        private ProblemException buildNotFound(String path) {
            return Problem.notFound("build", path);
        }

        /** Returns the text for the audit log and for messages. */
        @Override
        public String toString() {
            return ref.toString();
        }
    }
}
