package dev.narthex.ecosystem.npm;

import dev.narthex.spi.AvailableVersions;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.Resolution;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Resolves the packages that npm installs in {@code node_modules} with a package (npm/cli workspaces/arborist
 * lib/arborist/build-ideal-tree.js): level by level, names in order. The first version of a name is hoisted and used wherever it
 * matches; each other version counts once. Optional dependencies are resolved last, as far as they are available. Peer
 * dependencies are left to the user.
 */
final class IdealTree {
    static final String RUNTIME = "runtime";
    static final String OPTIONAL = "optional";
    static final String PEER = "peer";

    private static final Comparator<Dependency> BY_NAME = Comparator.comparing(Dependency::name);

    private final AvailableVersions offers;
    private final Map<String, PickManifest> choices = new HashMap<>();
    private final Map<String, NpmVersion> hoisted = new HashMap<>();
    private final ArrayDeque<Dependency> queue = new ArrayDeque<>();
    private final Set<Dependency> missing = new LinkedHashSet<>();
    private final Map<Long, AvailableVersions.Version> chosen = new HashMap<>();
    private boolean optional;
    private boolean complete;

    private IdealTree(AvailableVersions available) {
        this.offers = available;
        this.complete = available.complete();
    }

    static Resolution of(ReleaseInfo release, AvailableVersions available) {
        var tree = new IdealTree(available);
        NpmVersion.parse(release.version()).ifPresent(version -> tree.hoisted.put(release.name(), version));
        tree.addDependencies(release.dependencies());
        tree.choose(tree.missing);
        var needed = Set.copyOf(tree.chosen.keySet());
        var peers = of(release.dependencies(), PEER)
                .map(Dependency::name)
                .filter(name -> !tree.hoisted.containsKey(name))
                .distinct()
                .toList();
        tree.optional = true;
        tree.open(release.dependencies(), OPTIONAL);
        List.copyOf(tree.chosen.values()).forEach(version -> tree.open(version.needs(), OPTIONAL));
        tree.choose(new HashSet<>());
        var further = new HashSet<>(tree.chosen.keySet());
        further.removeAll(needed);
        return new Resolution(needed, further, List.copyOf(tree.missing), peers, tree.complete);
    }

    /** @param absent receives dependencies that no version matches */
    private void choose(Set<Dependency> absent) {
        while (!queue.isEmpty()) {
            var dependency = queue.remove();
            var spec = PickManifest.spec(dependency);
            var there = hoisted.get(dependency.name());
            if (there == null || !PickManifest.satisfies(spec, there)) {
                var known = choice(dependency.normalized());
                complete &= known.isPresent();
                known.ifPresent(choice -> choice.choose(spec)
                        .ifPresentOrElse(
                                candidate -> take(dependency.name(), candidate), () -> absent.add(dependency)));
            }
        }
    }

    private void take(String name, PickManifest.VersionCandidate candidate) {
        hoisted.putIfAbsent(name, candidate.number());
        var version = candidate.version();
        if (chosen.putIfAbsent(version.release(), version) == null) {
            addDependencies(version.needs());
        }
    }

    /** Empty if the package was not looked up. */
    private Optional<PickManifest> choice(String normalized) {
        return Optional.ofNullable(offers.packages().get(normalized))
                .map(versions -> choices.computeIfAbsent(normalized, _ -> PickManifest.of(versions)));
    }

    private void addDependencies(List<Dependency> declared) {
        open(declared, RUNTIME);
        if (optional) {
            open(declared, OPTIONAL);
        }
    }

    private void open(List<Dependency> declared, String kind) {
        of(declared, kind).sorted(BY_NAME).forEach(queue::add);
    }

    /** A dependency that is also listed as optional is optional (npm's package.json, optionalDependencies). */
    private static Stream<Dependency> of(List<Dependency> declared, String kind) {
        var passed = kind.equals(RUNTIME)
                ? declared.stream()
                        .filter(d -> d.kind().equals(OPTIONAL))
                        .map(Dependency::name)
                        .collect(Collectors.toSet())
                : Set.<String>of();
        return declared.stream().filter(d -> d.kind().equals(kind) && !passed.contains(d.name()));
    }
}
