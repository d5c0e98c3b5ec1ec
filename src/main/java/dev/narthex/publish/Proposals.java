package dev.narthex.publish;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.Audit;
import dev.narthex.access.Audit.Act;
import dev.narthex.catalog.Declines;
import dev.narthex.catalog.Declines.Declined;
import dev.narthex.catalog.Lead;
import dev.narthex.catalog.PackageEdits;
import dev.narthex.catalog.PackageEdits.Locked;
import dev.narthex.catalog.Packages;
import dev.narthex.catalog.Paths;
import dev.narthex.catalog.Promotions;
import dev.narthex.catalog.Recorded;
import dev.narthex.catalog.Releases;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.Jobs;
import dev.narthex.spi.ReleaseView;
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
public class Proposals {
    private static final int MOST_NAMED = 20;

    /** Orders the artifacts of a build; the last one is the primary artifact, whose facts describe the release. */
    private static final Comparator<Artifact> LEADS =
            Lead.order(Artifact::origin, Artifact::output, Artifact::at).thenComparing(Artifact::id);

    private final Access access;
    private final Audit audit;
    private final Packages packages;
    private final PackageEdits edits;
    private final Promotions promotions;
    private final Declines declines;
    private final Releases releases;
    private final Paths paths;
    private final Recognition recognition;
    private final Jobs jobs;
    private final List<Ecosystem> ecosystems;

    Proposals(
            Access access,
            Audit audit,
            Packages packages,
            PackageEdits edits,
            Promotions promotions,
            Declines declines,
            Releases releases,
            Paths paths,
            Recognition recognition,
            Jobs jobs,
            @All List<Ecosystem> ecosystems) {
        this.access = access;
        this.audit = audit;
        this.packages = packages;
        this.edits = edits;
        this.promotions = promotions;
        this.declines = declines;
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
        return new Proposal(OneRelease.require(access, ecosystems, cache, ecosystem, name, version));
    }

    private static void requireHash(String path) {
        if (!StorePath.isHash(path)) {
            throw new Problem.Malformed("path", path, "give the 32 characters that a store path begins with.")
                    .asException();
        }
    }

    /** Returns the hash part of one path of each build, for error messages. */
    private static String choices(ReleaseView release) {
        return release.artifacts().stream()
                .collect(Collectors.toMap(Artifact::build, Artifact::path, (a, b) -> a, LinkedHashMap::new))
                .values()
                .stream()
                .limit(MOST_NAMED)
                .map(StorePath::hash)
                .collect(Collectors.joining(", "));
    }

    /** A release to decide about. It may not exist, and may not be proposed. */
    public final class Proposal {
        private final OneRelease of;

        private Proposal(OneRelease of) {
            this.of = of;
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
            path.ifPresent(Proposals::requireHash);
            var release = release();
            var build = build(release, path);
            if (build.stream().allMatch(Artifact::released)) {
                return false;
            }
            var lead = build.stream().max(LEADS).orElseThrow();
            var recorded = recognised(release, lead);
            return QuarkusTransaction.requiringNew().call(() -> promote(lead, recorded));
        }

        private boolean promote(Artifact lead, Recorded recorded) {
            boolean changed = edits.lock(of.cache().id(), of.ecosystem().id(), of.normalised())
                    .flatMap(locked -> promotions.promote(locked, of.version(), lead.build(), access.principal()))
                    .orElseThrow(of::absent);
            if (changed) {
                releases.record(of.cache(), of.ecosystem().id(), recorded);
                audit.done(Act.in(
                        of.cache(),
                        Action.MAINTAIN,
                        "promote " + this + ", " + lead.path().base()));
                Log.infof("promoted %s %s", of.cache().name(), this);
            }
            return changed;
        }

        private Recorded recognised(ReleaseView release, Artifact lead) {
            return paths.find(of.cache().id(), lead.path().hash())
                    .flatMap(found -> recognition.again(of.cache(), of.ecosystem(), release, found))
                    .orElseThrow(() -> new Problem.Conflict(
                                    "Not recognised",
                                    "What is in " + lead.path() + " is no longer read as " + this
                                            + ". Its page says what it is.")
                            .asException());
        }

        /**
         * Removes proposed builds from the release permanently. Their store paths stay.
         *
         * @param paths hash parts of store paths, one of each build to decline; empty for all proposed builds
         * @return hash parts of the builds removed by this call, and whether the release is gone
         * @throws ProblemException Malformed, NotFound, Conflict if it is released
         */
        public Declined decline(List<String> paths) {
            paths.forEach(Proposals::requireHash);
            var builds = packages.release(of.cache(), of.ecosystem().id(), of.normalised(), of.version())
                    .map(release -> builds(release, paths))
                    .orElse(Set.of());
            if (builds.isEmpty()) {
                return before(paths);
            }
            return QuarkusTransaction.requiringNew().call(() -> {
                var locked = edits.lock(of.cache().id(), of.ecosystem().id(), of.normalised());
                return locked.isPresent()
                        ? decline(locked.get(), paths.isEmpty() ? Set.of() : builds, paths)
                        : before(paths);
            });
        }

        private Declined decline(Locked locked, Set<String> builds, List<String> paths) {
            var done = declines.decline(locked, of.version(), builds, access.principal());
            if (done.filter(declined -> !declined.paths().isEmpty()).isEmpty()) {
                return before(paths);
            }
            done.get().leads().ifPresent(hash -> jobs.queue(Recognition.KIND, Recognition.key(of.cache(), hash)));
            audit.done(Act.in(
                    of.cache(),
                    Action.MAINTAIN,
                    "decline " + this + ", " + String.join(" ", done.get().paths())));
            Log.infof("declined %s %s", of.cache().name(), this);
            return done.get();
        }

        /** Handles a call with nothing to decline: it was declined earlier, is released, or does not exist. */
        private Declined before(List<String> paths) {
            var path = paths.stream().findFirst();
            boolean declined =
                    declines.declined(of.cache().id(), of.ecosystem().id(), of.normalised(), of.version(), path);
            var release = packages.release(of.cache(), of.ecosystem().id(), of.normalised(), of.version());
            if (!declined
                    && release.filter(found -> !builds(found, paths).isEmpty()).isPresent()) {
                throw new Problem.Conflict(
                                "Not proposed", this + " is released. To take it back, deprecate, yank or remove it.")
                        .asException();
            }
            if (!declined) {
                throw path.isPresent() && release.isPresent() ? absent(path.get()) : of.absent();
            }
            return new Declined(List.of(), release.isEmpty(), Optional.empty());
        }

        private ReleaseView release() {
            return packages.release(of.cache(), of.ecosystem().id(), of.normalised(), of.version())
                    .orElseThrow(of::absent);
        }

        /** Returns the artifacts of the selected build. */
        private List<Artifact> build(ReleaseView release, Optional<String> path) {
            var builds = builds(release, path.stream().toList());
            if (path.isEmpty() && builds.size() > 1) {
                throw new Problem.Malformed(
                                "path",
                                "",
                                "there are " + builds.size() + " builds of " + this
                                        + "; give the hash part of the store path of one: " + choices(release) + ".")
                        .asException();
            }
            if (builds.isEmpty()) {
                throw absent(path.orElse(""));
            }
            return release.artifacts().stream()
                    .filter(artifact -> builds.contains(artifact.build()))
                    .toList();
        }

        /** Returns the builds with one of these paths, or all builds if {@code paths} is empty. */
        private static Set<String> builds(ReleaseView release, List<String> paths) {
            return release.artifacts().stream()
                    .filter(artifact ->
                            paths.isEmpty() || paths.contains(artifact.path().hash()))
                    .map(Artifact::build)
                    .collect(Collectors.toSet());
        }

        private ProblemException absent(String path) {
            return new Problem.NotFound("build", path).asException();
        }

        /** Returns the text for the audit log and for messages. */
        @Override
        public String toString() {
            return of.toString();
        }
    }
}
