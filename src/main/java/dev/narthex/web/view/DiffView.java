package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Two versions of a package, or two store paths, compared.
 *
 * @param ecosystem of the package; absent for store paths
 * @param name of the package; empty for store paths
 * @param backUrl of the same page the other way round
 * @param same whether the two have the same bytes
 * @param dependencies that the two declare; absent for store paths
 * @param derivations what changed between the two derivations; absent unless both are in their caches and can be read
 * @param files absent if they cannot be compared; {@code noFiles} says why
 * @param noFiles "many" or "unreadable", else empty
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record DiffView(
        Optional<EcosystemName> ecosystem,
        String name,
        Side a,
        Side b,
        String backUrl,
        boolean same,
        Optional<DependencyChanges> dependencies,
        ClosureChanges closure,
        Optional<DerivationChanges> derivations,
        Optional<FileChanges> files,
        String noFiles)
        implements View {
    /**
     * One of the two.
     *
     * @param label the version; of a store path its name, its hash part if the names are the same, or else its cache
     * @param url of its page
     * @param at when it was published or pushed
     * @param arrival as in {@link ReleaseHead}
     * @param wholePath whether clients fetch the store path itself; else a file in it
     * @param downloadSize bytes that a client fetches: of a whole path its compressed NAR
     * @param narHash as nix writes it
     * @param narSize in bytes
     * @param licence empty if not recorded
     * @param builtBy names of known keys whose pushed signatures are valid
     * @param deriver full path, or empty
     */
    public record Side(
            String cache,
            String label,
            String url,
            StoreItem path,
            Instant at,
            String arrival,
            boolean wholePath,
            long downloadSize,
            String narHash,
            long narSize,
            String licence,
            List<String> builtBy,
            String deriver,
            ClosureSize closure) {
        private static final int STORE = "/nix/store/".length();
        private static final int HASH_SHOWN = 8;

        /** The store path with the beginning of its hash part, which is enough to tell two apart. */
        public String shortPath() {
            return path.path().substring(STORE, STORE + HASH_SHOWN) + "…-" + path.name();
        }
    }

    /**
     * @param closureSize NAR sizes of all paths together, in bytes
     * @param complete false if some are not in this cache or there are too many to count
     */
    public record ClosureSize(long closureSize, int paths, boolean complete) {}

    /**
     * What two manifests ask for.
     *
     * @param changes the first of them, by name
     * @param count of all changes
     * @param same how many are the same
     */
    public record DependencyChanges(List<DependencyChange> changes, int count, int same) {}

    /**
     * @param url of the package in this cache; empty if it is not here
     * @param kind the ecosystem's word, such as "dev"
     * @param what "added", "removed" or "changed"
     * @param a range as written; empty for any version, and if it is not there
     */
    public record DependencyChange(String name, String url, String kind, String what, String a, String b) {}

    /**
     * What two closures hold, by the names of packages.
     *
     * @param changes the first of them, what weighs most first
     * @param count of all changes
     * @param same how many paths are in both
     * @param narSize by how many bytes the second is larger; negative if it is smaller
     */
    public record ClosureChanges(List<PackageChange> changes, int count, int same, long narSize) {
        public int more() {
            return count - changes.size();
        }

        /** By how many bytes the two differ. */
        public long by() {
            return Math.abs(narSize);
        }
    }

    /**
     * Paths of one package name that are in one of the closures only.
     *
     * @param narSize by how many bytes those of the second are larger
     * @param rebuilt whether both have the same versions
     */
    public record PackageChange(String name, Versions a, Versions b, long narSize, boolean rebuilt) {}

    /**
     * @param count of all
     * @param paths the first of them, lowest version first
     */
    public record Versions(int count, List<Version> paths) {
        public int more() {
            return count - paths.size();
        }
    }

    /** @param version what follows the package in the name of a store path; may be empty */
    public record Version(String version, StoreItem path) {}

    /** Whether clients fetch the store paths themselves. */
    public boolean wholePaths() {
        return a.wholePath && b.wholePath;
    }

    /** By how many bytes the file that clients fetch is larger. */
    public long downloadChange() {
        return b.downloadSize - a.downloadSize;
    }

    public long downloadDifference() {
        return Math.abs(downloadChange());
    }

    /** Whether both closures are known whole. */
    public boolean complete() {
        return a.closure.complete && b.closure.complete;
    }

    /** Whether both refer to nothing else, as files do that registries serve. */
    public boolean alone() {
        return complete() && a.closure.paths == 1 && b.closure.paths == 1;
    }

    /** Whether either declares a dependency. */
    public boolean declares() {
        return dependencies.filter(d -> d.count > 0 || d.same > 0).isPresent();
    }
}
