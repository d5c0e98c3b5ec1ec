package dev.narthex.web.diff;

import dev.narthex.catalog.path.Closure;
import dev.narthex.nix.DrvName;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.view.DiffView.ClosureChanges;
import dev.narthex.web.view.DiffView.PackageChange;
import dev.narthex.web.view.DiffView.Version;
import dev.narthex.web.view.DiffView.Versions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Compares two closures by package. Paths in both are ignored; the others are grouped by the package name that nix derives from
 * the path name, because a closure may have several outputs and versions of a package.
 */
final class ClosureDiff {
    private static final int LISTED = 200;
    private static final int VERSIONS = 8;

    private ClosureDiff() {}

    /** The paths of a package that are in only one of the closures. */
    private static final class Parts {
        private final List<Version> a = new ArrayList<>();
        private final List<Version> b = new ArrayList<>();

        long narSize() {
            return totalSize(b) - totalSize(a);
        }

        PackageChange change(String name) {
            var sorted = Comparator.comparing(Version::version, DrvName::compareVersions)
                    .thenComparing(version -> version.path().path());
            a.sort(sorted);
            b.sort(sorted);
            return new PackageChange(name, first(a), first(b), narSize(), texts(a).equals(texts(b)));
        }

        private static Versions first(List<Version> parts) {
            return new Versions(parts.size(), parts.stream().limit(VERSIONS).toList());
        }

        private static List<String> texts(List<Version> parts) {
            return parts.stream().map(Version::version).toList();
        }

        private static long totalSize(List<Version> parts) {
            return parts.stream().mapToLong(version -> version.path().narSize()).sum();
        }
    }

    static ClosureChanges of(Cache cacheOfA, Closure a, Cache cacheOfB, Closure b) {
        var inA = bases(a);
        var inB = bases(b);
        Map<String, Parts> byName = new TreeMap<>();
        collect(cacheOfA, a, inB, byName, true);
        collect(cacheOfB, b, inA, byName, false);
        var changes = byName.entrySet().stream()
                .map(e -> e.getValue().change(e.getKey()))
                .sorted(Comparator.comparing((PackageChange change) -> -Math.abs(change.narSize())))
                .toList();
        return new ClosureChanges(
                changes.stream().limit(LISTED).toList(),
                changes.size(),
                (int) inA.stream().filter(inB::contains).count(),
                b.narSize() - a.narSize());
    }

    private static Set<String> bases(Closure closure) {
        return closure.nodes().stream().map(node -> node.path().baseName()).collect(Collectors.toSet());
    }

    private static void collect(
            Cache cache, Closure closure, Set<String> other, Map<String, Parts> byName, boolean first) {
        for (var node : closure.nodes()) {
            if (!other.contains(node.path().baseName())) {
                var name = DrvName.parse(node.path().name());
                var parts = byName.computeIfAbsent(name.name(), _ -> new Parts());
                (first ? parts.a : parts.b)
                        .add(new Version(name.version(), ViewMapper.item(cache, node.path(), node.narSize())));
            }
        }
    }
}
