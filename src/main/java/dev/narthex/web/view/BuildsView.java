package dev.narthex.web.view;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All builds of a release, grouped by their results.
 *
 * @param results groups of identical builds, starting with that of the newest build
 * @param count number of builds shown
 * @param complete false if older builds were left out
 */
public record BuildsView(List<Result> results, int count, boolean complete) {
    public BuildsView {
        results = List.copyOf(results);
    }

    /** Returns whether there is anything to compare or to decide. */
    public boolean worthShowing() {
        return !complete
                || proposed() > 0
                || hasDifferentBytes()
                || results.stream().anyMatch(result -> result.builds().size() > 1);
    }

    /** Returns whether alternative builds produced different bytes. */
    public boolean hasDifferentBytes() {
        return results.stream().anyMatch(result -> !result.letter().isEmpty());
    }

    /** Returns the full store paths of the builds that clients get. */
    Set<String> served() {
        return builds().stream()
                .filter(Build::served)
                .flatMap(build -> build.parts().stream())
                .map(Part::path)
                .collect(Collectors.toSet());
    }

    /** Returns the number of builds that are only proposed. */
    public long proposed() {
        return builds().stream().filter(build -> !build.released()).count();
    }

    /** Returns the number of builds that a maintainer could release. */
    public long open() {
        return builds().stream().filter(Build::open).count();
    }

    /** Returns whether a maintainer has to choose between several builds. */
    public boolean needsChoice() {
        return open() > 1;
    }

    /** Returns the hash of the newest build that can be released; empty if no build can. */
    public String choice() {
        return builds().stream()
                .filter(Build::open)
                .max(Comparator.comparing(Build::at))
                .map(Build::hash)
                .orElse("");
    }

    /**
     * Returns the build to preselect.
     *
     * @param hash hash of the build chosen earlier; ignored if that build can no longer be chosen
     */
    public String chosen(String hash) {
        return builds().stream().anyMatch(build -> build.open() && build.hash().equals(hash)) ? hash : choice();
    }

    private List<Build> builds() {
        return results.stream().flatMap(result -> result.builds().stream()).toList();
    }

    /**
     * Builds whose outputs are all identical.
     *
     * @param platform such as {@code x86_64-linux}, or "any"
     * @param names names of the files or outputs; empty unless other builds of the release have different names
     * @param letter tells different results apart; empty if all builds for the platform with these names have the same bytes
     * @param builds newest first
     */
    public record Result(String platform, String names, String letter, List<Build> builds) {
        public Result {
            builds = List.copyOf(builds);
        }
    }

    /**
     * The artifacts of one derivation.
     *
     * @param hash hash part of the build's first path; identifies the build in forms
     * @param newest whether it is the newest of the alternative builds
     * @param served whether clients get this build
     * @param released false while it is only proposed
     * @param blocked whether it is proposed and cannot be released, because clients were promised other bytes under the same file
     *     name
     * @param pushedBy empty if not recorded
     * @param deriver full path, or empty
     * @param deriverUrl empty if the derivation is not in this cache
     * @param parts at least one
     */
    public record Build(
            String hash,
            boolean newest,
            boolean served,
            boolean released,
            boolean blocked,
            Instant at,
            String pushedBy,
            String deriver,
            String deriverUrl,
            List<Part> parts) {
        public Build {
            parts = List.copyOf(parts);
        }

        public Part first() {
            return parts.getFirst();
        }

        public List<Part> others() {
            return parts.subList(1, parts.size());
        }

        /** Returns whether a maintainer can release it. */
        public boolean open() {
            return !released && !blocked;
        }
    }

    /**
     * A file or path of a build.
     *
     * @param url URL of the store path's page
     * @param path full store path
     * @param whole whether the artifact is the whole store path
     * @param length in bytes
     * @param sha256 in hex; for a whole path, its NAR hash
     * @param references number of other store paths it references
     */
    public record Part(
            String url,
            String path,
            String filename,
            String output,
            boolean whole,
            long length,
            String sha256,
            long references) {}
}
