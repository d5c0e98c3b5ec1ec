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
     * @param paths its files that are here or could be fetched, best first; for a choice only those that are here
     */
    void add(Dependency dependency, List<LockedStorePath> paths) {
        if (paths.isEmpty()) {
            var file = dependency.files().getFirst();
            lacking.putIfAbsent(List.of(file.name(), file.version()), dependency);
        } else if (paths.stream().noneMatch(LockedStorePath::have)) {
            missing.putIfAbsent(paths.getFirst().path(), paths.getFirst());
        }
        paths.forEach(this::add);
    }

    /**
     * Adds a file with a unique key. A lockfile may name one file of a choice several times, and several files with the same name.
     */
    private void add(LockedStorePath path) {
        var same = keys.putIfAbsent(path.key(), path.pathToBuild());
        if (same == null) {
            files.add(path);
        } else if (!same.equals(path.pathToBuild())) {
            var key = path.key() + "#" + path.hash().sri();
            if (keys.putIfAbsent(key, path.pathToBuild()) == null) {
                files.add(path.withName(key));
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
    List<Dependency> missingDependencies() {
        return List.copyOf(lacking.values());
    }
}
