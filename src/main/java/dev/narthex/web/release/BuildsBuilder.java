package dev.narthex.web.release;

import dev.narthex.access.Access;
import dev.narthex.catalog.path.PathSummary;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.BuildArtifact;
import dev.narthex.catalog.release.PrimaryArtifact;
import dev.narthex.catalog.release.Promotions;
import dev.narthex.catalog.release.ReleaseBuilds;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.BuildsView.Build;
import dev.narthex.web.view.BuildsView.Part;
import dev.narthex.web.view.BuildsView.Result;
import dev.narthex.web.view.ProposedReason;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Builds the view of a release's builds. Uses two queries, and two more for a proposed release. */
@ApplicationScoped
class BuildsBuilder {
    private static final int MAX_LINES = 500;
    private static final int MAX_BUILDS = 50;
    private static final int LETTERS = 26;

    private final ReleaseBuilds builds;
    private final Paths paths;
    private final Promotions promotions;
    private final Access access;

    BuildsBuilder(ReleaseBuilds builds, Paths paths, Promotions promotions, Access access) {
        this.builds = builds;
        this.paths = paths;
        this.promotions = promotions;
        this.access = access;
    }

    dev.narthex.web.view.BuildsView of(ReleaseContext release) {
        var cache = release.cache();
        var lines = builds.of(cache.id(), release.view().id(), MAX_LINES + 1);
        var groups = lines.stream()
                .limit(MAX_LINES)
                .collect(Collectors.groupingBy(BuildArtifact::build, LinkedHashMap::new, Collectors.toList()))
                .values()
                .stream()
                .map(artifacts ->
                        new BuildGroup(artifacts.stream().sorted(FIRST).toList()))
                .toList();
        var firstGroups = groups.stream().limit(MAX_BUILDS).toList();
        var context = new BuildsContext(cache, groups, served(groups), derivations(cache, firstGroups));
        return new dev.narthex.web.view.BuildsView(
                results(context, firstGroups),
                firstGroups.size(),
                lines.size() <= MAX_LINES && firstGroups.size() == groups.size());
    }

    /** Orders the artifacts of a build; the primary output is first. */
    private static final Comparator<BuildArtifact> FIRST = Comparator.comparing(
                    (BuildArtifact line) -> !PrimaryArtifact.isDefaultOutput(line.output()))
            .thenComparing(BuildArtifact::output)
            .thenComparing(BuildArtifact::filename);

    /** Orders candidates for the same file name; the maximum is served, as in {@code catalog.Lead}. */
    private static final Comparator<BuildArtifact> LEADS = Comparator.comparing(BuildArtifact::promised)
            .thenComparing(PrimaryArtifact.order(BuildArtifact::origin, BuildArtifact::output, BuildArtifact::at));

    /** The artifacts of one build. */
    private record BuildGroup(List<BuildArtifact> lines) {
        BuildArtifact first() {
            return lines.getFirst();
        }

        String platform() {
            return first().platform();
        }

        /** Returns the file names; for whole paths, whose names are unique, the output names. */
        String names() {
            return lines.stream().map(BuildsBuilder::name).distinct().collect(Collectors.joining(", "));
        }

        /** Returns the key that alternative builds share. Builds with other keys are for other platforms or other files. */
        List<String> place() {
            return List.of(platform(), names());
        }

        boolean released() {
            return lines.stream().anyMatch(BuildArtifact::released);
        }

        /** Returns a value that is equal for builds with the same bytes. */
        Set<String> bytes() {
            return lines.stream().map(line -> name(line) + " " + line.sha256()).collect(Collectors.toSet());
        }
    }

    private static String name(BuildArtifact line) {
        return line.coversWholePath() ? line.output() : line.filename();
    }

    /**
     * @param served artifacts that clients get
     * @param here derivations that are in the cache
     */
    private record BuildsContext(
            Cache cache, List<BuildGroup> groups, Set<BuildArtifact> served, Set<StorePath> presentPaths) {
        boolean newest(BuildGroup group) {
            return groups.stream()
                    .filter(other -> other.place().equals(group.place()))
                    .findFirst()
                    .filter(group::equals)
                    .isPresent();
        }

        boolean isServed(BuildGroup group) {
            return group.lines().stream().anyMatch(served::contains);
        }

        boolean isBlocked(BuildGroup group) {
            return !group.released()
                    && group.lines.stream()
                            .anyMatch(line -> groups.stream()
                                    .flatMap(other -> other.lines().stream())
                                    .anyMatch(other -> other.promised()
                                            && other.filename().equals(line.filename())
                                            && !other.sha256().equals(line.sha256())));
        }
    }

    /** Returns the served artifacts: one for each file name; for whole paths, the newest of each output and platform. */
    private static Set<BuildArtifact> served(List<BuildGroup> groups) {
        return groups.stream()
                .flatMap(group -> group.lines().stream())
                .filter(BuildArtifact::released)
                .collect(Collectors.groupingBy(
                        line -> List.of(line.coversWholePath() ? line.platform() : "", name(line)),
                        Collectors.maxBy(LEADS)))
                .values()
                .stream()
                .flatMap(Optional::stream)
                .collect(Collectors.toSet());
    }

    private Set<StorePath> derivations(Cache cache, List<BuildGroup> groups) {
        var bases = groups.stream()
                .flatMap(group -> group.first().deriver().stream())
                .map(StorePath::baseName)
                .distinct()
                .toList();
        return bases.isEmpty()
                ? Set.of()
                : paths.summaries(cache.id(), bases).stream()
                        .map(PathSummary::path)
                        .collect(Collectors.toSet());
    }

    private static List<Result> results(BuildsContext context, List<BuildGroup> groups) {
        var byPlace = groups.stream()
                .collect(Collectors.groupingBy(BuildGroup::place, LinkedHashMap::new, Collectors.toList()));
        boolean sameNames =
                byPlace.keySet().stream().map(List::getLast).distinct().count() == 1;
        var results = new ArrayList<Result>();
        for (var alternatives : byPlace.values()) {
            var byBytes = List.copyOf(alternatives.stream()
                    .collect(Collectors.groupingBy(BuildGroup::bytes, LinkedHashMap::new, Collectors.toList()))
                    .values());
            for (int i = 0; i < byBytes.size(); i++) {
                var first = byBytes.get(i).getFirst();
                results.add(new Result(
                        first.platform(),
                        sameNames ? "" : first.names(),
                        byBytes.size() == 1 ? "" : letter(i),
                        byBytes.get(i).stream()
                                .map(group -> build(context, group))
                                .toList()));
            }
        }
        return results;
    }

    private static String letter(int number) {
        return number < LETTERS ? Character.toString('A' + number) : Integer.toString(number + 1);
    }

    private static Build build(BuildsContext context, BuildGroup group) {
        var first = group.first();
        return new Build(
                first.path().hash(),
                context.newest(group),
                context.isServed(group),
                group.released(),
                context.isBlocked(group),
                group.lines().stream()
                        .map(BuildArtifact::at)
                        .max(Comparator.naturalOrder())
                        .orElseThrow(),
                first.pushedBy().orElse(""),
                first.deriver().map(StorePath::toString).orElse(""),
                first.deriver()
                        .filter(context.presentPaths()::contains)
                        .map(drv -> Urls.storePath(context.cache().name(), drv.hash()))
                        .orElse(""),
                group.lines().stream().map(line -> part(context.cache(), line)).toList());
    }

    private static Part part(Cache cache, BuildArtifact line) {
        return new Part(
                Urls.storePath(cache.name(), line.path().hash()),
                line.path().toString(),
                line.filename(),
                line.output(),
                line.coversWholePath(),
                line.length(),
                line.sha256(),
                line.references());
    }

    /** Returns why a release is only proposed; empty if it is released. */
    Optional<ProposedReason> proposedReasons(ReleaseContext release) {
        if (release.view().released()) {
            return Optional.empty();
        }
        var pushedBy = release.path().pushedBy().orElse("");
        return Optional.of(new ProposedReason(pushedBy, blockReason(release, pushedBy), replacementVersion(release)));
    }

    private String blockReason(ReleaseContext release, String pushedBy) {
        var cache = release.cache();
        var view = release.view();
        if (promotions.wasDeleted(cache.id(), view.ecosystem(), view.normalized(), view.version())) {
            return "deleted";
        }
        if (!cache.automatic()) {
            return "policy";
        }
        return access.mayPublish(pushedBy, cache, view.ecosystem(), view.normalized()) ? "before" : "right";
    }

    private static String replacementVersion(ReleaseContext release) {
        return release.released() ? release.head().defaultVersion() : "";
    }
}
