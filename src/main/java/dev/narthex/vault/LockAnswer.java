package dev.narthex.vault;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.catalog.SameBytes.Place;
import dev.narthex.vault.LockPaths.Located;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a cache says of a lock.
 *
 * @param format of the lock, such as {@code package-lock.json v3}
 * @param substituter address under which nix finds the paths
 * @param entries in the order of the lock
 * @param missing files whose store path is not here, each once
 * @param skipped dependencies that are no files of fixed content
 * @param nix expression of all files
 */
record LockAnswer(
        String format,
        String substituter,
        List<Entry> entries,
        List<Missing> missing,
        List<Lock.Skipped> skipped,
        String nix) {
    /**
     * @param key what the lock calls it
     * @param path that fetchers of nixpkgs make of the lock's hash
     * @param hash the lock's strongest, as SRI
     * @param url this cache's, or where the lock says
     */
    record Entry(String key, String name, String version, String path, String hash, String url, boolean have) {
        static Entry of(Located located) {
            var file = located.file();
            return new Entry(
                    file.key(),
                    file.name(),
                    file.version(),
                    located.path().toString(),
                    file.hash().sri(),
                    located.url(),
                    located.have());
        }
    }

    /** @param elsewhere where the cache has the same bytes all the same */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Missing(String name, String version, String hash, String path, String url, Optional<Elsewhere> elsewhere) {
        static Missing of(Located located) {
            var entry = Entry.of(located);
            return new Missing(
                    entry.name(),
                    entry.version(),
                    entry.hash(),
                    entry.path(),
                    entry.url(),
                    located.elsewhere().map(Elsewhere::of));
        }
    }

    /**
     * @param path that holds the file; the expression builds it if it is named by the lock's hash
     * @param filename of the file
     */
    record Elsewhere(String path, String filename) {
        static Elsewhere of(Place place) {
            return new Elsewhere(place.path().toString(), place.filename());
        }
    }

    static LockAnswer of(Lock lock, List<Located> located, String substituter) {
        var missing = located.stream()
                .filter(one -> !one.have())
                .collect(Collectors.toMap(
                        Located::path, Function.identity(), (first, same) -> first, LinkedHashMap::new))
                .values()
                .stream()
                .map(Missing::of)
                .toList();
        return new LockAnswer(
                lock.format(),
                substituter,
                located.stream().map(Entry::of).toList(),
                missing,
                lock.skipped(),
                nix(lock, located, substituter));
    }

    static String nix(Lock lock, List<Located> located, String substituter) {
        var comment = "Files of a %s, as store paths that %s may have: nix-build -A all builds them."
                .formatted(lock.format(), substituter);
        return NixExpression.of(comment, located);
    }
}
