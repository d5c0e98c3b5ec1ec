package dev.narthex.vault;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.catalog.SameBytes.Place;
import dev.narthex.nix.NixHash;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a cache says of a lock.
 *
 * @param format of the lock, such as {@code package-lock.json v3}
 * @param substituter address under which nix finds the paths
 * @param entries in the order of the lock: dependencies, or where one is any of several files, those that are here
 * @param missing dependencies whose store path is not here, each once
 * @param skipped dependencies that are no files of fixed content
 * @param nix expression of all entries
 */
record LockAnswer(
        String format,
        String substituter,
        List<Entry> entries,
        List<Missing> missing,
        List<Lock.Skipped> skipped,
        String nix) {
    /**
     * @param key what the lock calls it, or of several files the name of this one
     * @param path that fetchers of nixpkgs make of the hash
     * @param hash the lock's strongest, as SRI
     * @param foundBy the lock's hash, if the path is named by a stronger one
     * @param url this cache's, or where the lock says
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Entry(
            String key,
            String name,
            String version,
            String path,
            String hash,
            Optional<String> foundBy,
            String url,
            boolean have) {
        static Entry of(Located located) {
            var file = located.file();
            return new Entry(
                    located.key(),
                    file.name(),
                    file.version(),
                    located.path().toString(),
                    located.hash().sri(),
                    located.foundBy().map(NixHash::sri),
                    located.url(),
                    located.have());
        }
    }

    /**
     * @param hash of the file; of several of which none is here there are {@code hashes}, and no more
     * @param elsewhere where the cache has the same bytes all the same
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Missing(
            String name,
            String version,
            Optional<String> hash,
            Optional<List<String>> hashes,
            Optional<String> path,
            Optional<String> url,
            Optional<Elsewhere> elsewhere) {
        static Missing of(Located located) {
            var entry = Entry.of(located);
            return new Missing(
                    entry.name(),
                    entry.version(),
                    Optional.of(entry.hash()),
                    Optional.empty(),
                    Optional.of(entry.path()),
                    Optional.of(entry.url()),
                    located.elsewhere().map(Elsewhere::of));
        }

        static Missing of(Lock.Dependency dependency) {
            var any = dependency.files().getFirst();
            return new Missing(
                    any.name(),
                    any.version(),
                    Optional.empty(),
                    Optional.of(dependency.files().stream()
                            .map(file -> file.hash().sri())
                            .toList()),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
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

    static LockAnswer of(Lock lock, LockPlan plan, String substituter) {
        var missing = Stream.concat(
                plan.missing().stream().map(Missing::of),
                plan.lacking().stream().map(Missing::of));
        return new LockAnswer(
                lock.format(),
                substituter,
                plan.files().stream().map(Entry::of).toList(),
                missing.toList(),
                lock.skipped(),
                nix(lock, plan, substituter));
    }

    static String nix(Lock lock, LockPlan plan, String substituter) {
        var comment = "Files of a %s, as store paths that %s may have: nix-build -A all builds them."
                .formatted(lock.format(), substituter);
        return NixExpression.of(comment, plan);
    }
}
