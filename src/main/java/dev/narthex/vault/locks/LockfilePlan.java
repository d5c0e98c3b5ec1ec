package dev.narthex.vault.locks;

import dev.narthex.nix.StorePath;
import dev.narthex.vault.locks.ParsedLockfile.Dependency;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what the cache has of a lockfile, dependency by dependency. */
public final class LockfilePlan {
    private final List<LockedStorePath> files = new ArrayList<>();
    private final Map<String, StorePath> keys = new HashMap<>();
    private final Map<StorePath, LockedStorePath> missing = new LinkedHashMap<>();
    private final Map<List<String>, Dependency> lacking = new LinkedHashMap<>();

    /**
     * Adds a dependency.
     *
     * @param found its files that are here or could be fetched, best first; for a choice only those that are here
     */
    void add(Dependency dependency, List<LockedStorePath> found) {
        if (found.isEmpty()) {
            var any = dependency.files().getFirst();
            lacking.putIfAbsent(List.of(any.name(), any.version()), dependency);
        } else if (found.stream().noneMatch(LockedStorePath::have)) {
            missing.putIfAbsent(found.getFirst().path(), found.getFirst());
        }
        found.forEach(this::add);
    }

    /**
     * Adds a file with a unique key. A lockfile may name one file of a choice several times, and several files with the same name.
     */
    private void add(LockedStorePath one) {
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
    List<LockedStorePath> files() {
        return files;
    }

    /** Returns the files whose store path is not here, without repetition; for a choice with no path here, the best file. */
    List<LockedStorePath> missing() {
        return List.copyOf(missing.values());
    }

    /** Returns the dependencies of which no file was found, without repetition. */
    List<Dependency> lacking() {
        return List.copyOf(lacking.values());
    }
}
