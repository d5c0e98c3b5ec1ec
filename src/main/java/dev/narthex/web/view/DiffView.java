package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A comparison of two versions of a package, or of two store paths.
 *
 * @param ecosystem ecosystem of the package; absent for store paths
 * @param name name of the package; empty for store paths
 * @param backUrl URL of the same comparison with the sides swapped
 * @param same whether both have the same bytes
 * @param dependencies changes of declared dependencies; absent for store paths
 * @param derivations changes between the derivations; absent unless both are in their caches and can be read
 * @param files absent if the files cannot be compared; {@code noFiles} then has the reason
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
     * One of the compared sides.
     *
     * @param label the version; for a store path its name, its hash part if the names are equal, or its cache if those are equal
     *     too
     * @param url URL of its page
     * @param at time at which it was published or pushed
     * @param arrival as in {@link ReleaseHead}
     * @param wholePath whether clients fetch the whole store path instead of a file in it
     * @param downloadSize download size in bytes; for a whole path, that of the compressed NAR
     * @param narHash in nix's notation
     * @param narSize in bytes
     * @param licence empty if not recorded
     * @param builtBy names of known keys with valid pushed signatures
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

        /** Returns the store path with its hash part shortened to the first 8 characters, enough to tell two paths apart. */
        public String shortPath() {
            return path.path().substring(STORE, STORE + HASH_SHOWN) + "…-" + path.name();
        }
    }

    /**
     * @param closureSize sum of the NAR sizes of all paths, in bytes
     * @param complete false if some paths are not in this cache or there are too many to count
     */
    public record ClosureSize(long closureSize, int paths, boolean complete) {}

    /**
     * The differences between the declared dependencies.
     *
     * @param changes changes by name, truncated
     * @param count number of all changes
     * @param same number of unchanged dependencies
     */
    public record DependencyChanges(List<DependencyChange> changes, int count, int same) {}

    /**
     * A declared dependency that was added, removed or changed.
     *
     * @param url URL of the package in this cache; empty if it is not here
     * @param kind the ecosystem's word, such as "dev"
     * @param what "added", "removed" or "changed"
     * @param a declared version range of the first side; empty if any version matches or the side does not declare it
     */
    public record DependencyChange(String name, String url, String kind, String what, String a, String b) {}

    /**
     * The differences between two closures, grouped by package name.
     *
     * @param changes largest size difference first, truncated
     * @param count number of all changes
     * @param same number of paths in both closures
     * @param narSize size difference in bytes; negative if the second is smaller
     */
    public record ClosureChanges(List<PackageChange> changes, int count, int same, long narSize) {
        public int more() {
            return count - changes.size();
        }

        /** Returns the absolute size difference in bytes. */
        public long absoluteChange() {
            return Math.abs(narSize);
        }
    }

    /**
     * Paths with the same package name that are in only one of the closures.
     *
     * @param narSize size difference in bytes; positive if those of the second are larger
     * @param rebuilt whether both sides have the same versions
     */
    public record PackageChange(String name, Versions a, Versions b, long narSize, boolean rebuilt) {}

    /**
     * @param count number of all paths
     * @param paths lowest version first, truncated
     */
    public record Versions(int count, List<Version> paths) {
        public int more() {
            return count - paths.size();
        }
    }

    /** @param version the part after the package in the store path's name; may be empty */
    public record Version(String version, StoreItem path) {}

    /** Returns whether clients fetch whole store paths on both sides. */
    public boolean wholePaths() {
        return a.wholePath && b.wholePath;
    }

    /** Returns the change of the download size in bytes; negative if the second is smaller. */
    public long downloadChange() {
        return b.downloadSize - a.downloadSize;
    }

    public long downloadDifference() {
        return Math.abs(downloadChange());
    }

    /** Returns whether both closures are completely known. */
    public boolean complete() {
        return a.closure.complete && b.closure.complete;
    }

    /** Returns whether neither has references, as is usual for files served by registries. */
    public boolean alone() {
        return complete() && a.closure.paths == 1 && b.closure.paths == 1;
    }

    /** Returns whether either side declares a dependency. */
    public boolean declares() {
        return dependencies.filter(d -> d.count > 0 || d.same > 0).isPresent();
    }
}
