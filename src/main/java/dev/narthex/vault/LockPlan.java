package dev.narthex.vault;

import dev.narthex.nix.StorePath;
import dev.narthex.vault.Lock.Dependency;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a cache has of a lock, gathered dependency by dependency. */
final class LockPlan {
    private final List<Located> files = new ArrayList<>();
    private final Map<String, StorePath> keys = new HashMap<>();
    private final Map<StorePath, Located> missing = new LinkedHashMap<>();
    private final Map<List<String>, Dependency> lacking = new LinkedHashMap<>();

    /**
     * @param found of its files those that are here, or could be fetched, best first; of a choice only those that are here
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

    /** A lock may name a file of a choice several times, and several files of one name. */
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

    /** In the order of the lock. */
    List<Located> files() {
        return files;
    }

    /** Those whose store path is not here, each once; of a choice the best, if none of its files has one here. */
    List<Located> missing() {
        return List.copyOf(missing.values());
    }

    /** Dependencies none of whose files was found, each once. */
    List<Dependency> lacking() {
        return List.copyOf(lacking.values());
    }
}
