package dev.narthex.web.diff;

import dev.narthex.catalog.release.Packages;
import dev.narthex.spi.Dependency;
import dev.narthex.web.release.ReleaseContext;
import dev.narthex.web.view.DiffView.DependencyChange;
import dev.narthex.web.view.DiffView.DependencyChanges;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Compares the declared dependencies of two releases of a package. */
@ApplicationScoped
class DependencyDiff {
    private static final int LISTED = 200;

    private final Packages packages;

    DependencyDiff(Packages packages) {
        this.packages = packages;
    }

    /** Identifies a dependency. The same name with another kind or group is a different dependency. */
    private record Key(String normalized, String kind) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int names = normalized.compareTo(other.normalized);
            return names != 0 ? names : kind.compareTo(other.kind);
        }
    }

    private record Change(Key key, String name, List<String> a, List<String> b) {
        String kind() {
            return a.isEmpty() ? "added" : b.isEmpty() ? "removed" : "changed";
        }
    }

    /** Compares the dependencies. Uses one query, for the listed changes. */
    DependencyChanges of(ReleaseContext a, ReleaseContext b) {
        var changes = new TreeMap<Key, Change>();
        var inA = ranges(a.view().dependencies());
        var inB = ranges(b.view().dependencies());
        int same = 0;
        var all = new LinkedHashMap<>(inA);
        inB.forEach(all::put);
        for (var entry : all.entrySet()) {
            var previous = inA.getOrDefault(entry.getKey(), List.of());
            var current = inB.getOrDefault(entry.getKey(), List.of());
            if (texts(previous).equals(texts(current))) {
                same++;
            } else {
                var name = entry.getValue().getFirst().name();
                changes.put(entry.getKey(), new Change(entry.getKey(), name, texts(previous), texts(current)));
            }
        }
        return new DependencyChanges(listed(b, List.copyOf(changes.values())), changes.size(), same);
    }

    /** Groups the dependencies by key. A name may be declared several times, for example once per platform. */
    private static Map<Key, List<Dependency>> ranges(List<Dependency> dependencies) {
        return dependencies.stream()
                .collect(Collectors.groupingBy(
                        d -> new Key(d.normalized(), d.kind()), LinkedHashMap::new, Collectors.toList()));
    }

    private static List<String> texts(List<Dependency> dependencies) {
        return dependencies.stream().map(Dependency::range).sorted().toList();
    }

    private List<DependencyChange> listed(ReleaseContext release, List<Change> changes) {
        var shown = changes.subList(0, Math.min(LISTED, changes.size()));
        var cache = release.cache();
        var ecosystem = release.view().ecosystem();
        var here = packages.listExisting(
                cache.id(),
                ecosystem,
                shown.stream().map(change -> change.key.normalized).toList());
        var lines = new ArrayList<DependencyChange>();
        for (var change : shown) {
            var name = change.key.normalized;
            lines.add(new DependencyChange(
                    change.name,
                    here.contains(name) ? Urls.packagePage(cache.name(), ecosystem, name) : "",
                    change.key.kind,
                    change.kind(),
                    String.join(", ", change.a),
                    String.join(", ", change.b)));
        }
        return lines;
    }
}
