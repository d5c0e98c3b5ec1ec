package dev.narthex.vault.locks;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.catalog.release.EquivalentFiles.EquivalentFile;
import dev.narthex.nix.NixHash;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Response body: the store paths of a lockfile.
 *
 * @param format format of the lockfile, such as {@code package-lock.json v3}
 * @param substituter URL of the cache, to be used as a substituter
 * @param entries files in the order of the lockfile; of a dependency that can use any of several files, those in the cache
 * @param missing dependencies whose store path is not in the cache, without repetition
 * @param skipped dependencies that are not files with a fixed hash
 * @param nix Nix expression for all entries
 */
public record LockfileReport(
        String format,
        String substituter,
        List<Entry> entries,
        List<MissingDependency> missing,
        List<ParsedLockfile.SkippedDependency> skipped,
        String nix) {
    /**
     * A file of the lockfile.
     *
     * @param key name of the dependency in the lockfile; with several files, the name of this one
     * @param path path that nixpkgs' fetchers compute from the hash
     * @param hash strongest hash in the lockfile, as SRI
     * @param foundBy hash from the lockfile, if the path is based on a stronger one
     * @param url URL in this cache, or the one from the lockfile
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
        public static Entry of(LockedStorePath located) {
            var file = located.file();
            return new Entry(
                    located.key(),
                    file.name(),
                    file.version(),
                    located.path().toString(),
                    located.hash().sri(),
                    located.matchingHash().map(NixHash::sri),
                    located.url(),
                    located.have());
        }
    }

    /**
     * A dependency that the cache does not have.
     *
     * @param hash hash of the file; if none of several files is here, {@code hashes} is set instead, without path and URL
     * @param elsewhere another path of the cache with the same bytes
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record MissingDependency(
            String name,
            String version,
            Optional<String> hash,
            Optional<List<String>> hashes,
            Optional<String> path,
            Optional<String> url,
            Optional<EquivalentPath> elsewhere) {
        public static MissingDependency of(LockedStorePath located) {
            var entry = Entry.of(located);
            return new MissingDependency(
                    entry.name(),
                    entry.version(),
                    Optional.of(entry.hash()),
                    Optional.empty(),
                    Optional.of(entry.path()),
                    Optional.of(entry.url()),
                    located.elsewhere().map(EquivalentPath::of));
        }

        public static MissingDependency of(ParsedLockfile.Dependency dependency) {
            var any = dependency.files().getFirst();
            return new MissingDependency(
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
     * Another path with the same bytes.
     *
     * @param path path that holds the file; the expression builds it if it is based on the hash in the lockfile
     * @param filename name of the file
     */
    record EquivalentPath(String path, String filename) {
        public static EquivalentPath of(EquivalentFile file) {
            return new EquivalentPath(file.path().toString(), file.filename());
        }
    }

    public static LockfileReport of(ParsedLockfile lock, LockfilePlan plan, String substituter) {
        var missing = Stream.concat(
                plan.missing().stream().map(MissingDependency::of),
                plan.missingDependencies().stream().map(MissingDependency::of));
        return new LockfileReport(
                lock.format(),
                substituter,
                plan.files().stream().map(Entry::of).toList(),
                missing.toList(),
                lock.skipped(),
                nix(lock, plan, substituter));
    }

    public static String nix(ParsedLockfile lock, LockfilePlan plan, String substituter) {
        var comment = "Files of a %s, as store paths that %s may have: nix-build -A all builds them."
                .formatted(lock.format(), substituter);
        return NixExpression.of(comment, plan);
    }
}
