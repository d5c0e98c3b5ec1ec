package dev.narthex.vault;

import dev.narthex.nix.StorePath;
import dev.narthex.vault.Lock.Dependency;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what the cache has of a lockfile, dependency by dependency. */
final class LockPlan {
    private final List<Located> files = new ArrayList<>();
    private final Map<String, StorePath> keys = new HashMap<>();
    private final Map<StorePath, Located> missing = new LinkedHashMap<>();
    private final Map<List<String>, Dependency> lacking = new LinkedHashMap<>();

    /**
     * Adds a dependency.
     *
     * @param found its files that are here or could be fetched, best first; for a choice only those that are here
     */
    void add(Dependency dependency, List<Located> found) {
        if (found.isEmpty()) {
            var any = dependency.files().getFirst();
            lacking.putIfAbsent(List.of(any.name(), any.version()), dependency);
        } else if (found.stream().noneMatch(Located::have)) {
            missing.putIfAbsent(found.getFirst().path(), found.getFirst());
        }
        found.forEach(this::add);
    }

    /**
     * Adds a file with a unique key. A lockfile may name one file of a choice several times, and several files with the same name.
     */
    private void add(Located one) {
        var same = keys.putIfAbsent(one.key(), one.built());
        if (same == null) {
            files.add(one);
        } else if (!same.equals(one.built())) {
            var key = one.key() + "#" + one.hash().sri();
            if (keys.putIfAbsent(key, one.built()) == null) {
                files.add(one.called(key));
            }
        }
    }

    /** Returns the files in the order of the lockfile. */
    List<Located> files() {
        return files;
    }

    /** Returns the files whose store path is not here, without repetition; for a choice with no path here, the best file. */
    List<Located> missing() {
        return List.copyOf(missing.values());
    }

    /** Returns the dependencies of which no file was found, without repetition. */
    List<Dependency> lacking() {
        return List.copyOf(lacking.values());
    }
}
