package dev.narthex.web.view;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All builds of a release, by what they gave.
 *
 * @param results those that clients get first
 * @param count builds that are shown
 * @param complete false if there are more, which are older
 */
public record Builds(List<Result> results, int count, boolean complete) {
    public Builds {
        results = List.copyOf(results);
    }

    /** Whether there is anything to compare, or to decide. */
    public boolean worthShowing() {
        return !complete
                || proposed() > 0
                || differ()
                || results.stream().anyMatch(result -> result.builds().size() > 1);
    }

    /** Whether builds that are alternatives to each other gave other bytes. */
    public boolean differ() {
        return results.stream().anyMatch(result -> !result.letter().isEmpty());
    }

    /** Store paths in full of what clients get. */
    Set<String> served() {
        return builds().stream()
                .filter(Build::served)
                .flatMap(build -> build.parts().stream())
                .map(Part::path)
                .collect(Collectors.toSet());
    }

    /** How many of them are only proposed. */
    public long proposed() {
        return builds().stream().filter(build -> !build.released()).count();
    }

    /** How many of them a maintainer could have served. */
    public long open() {
        return builds().stream().filter(Build::open).count();
    }

    /** Whether a maintainer has to choose one. */
    public boolean choosable() {
        return open() > 1;
    }

    /** Hash of the newest build that could be served; empty if there is none. */
    public String choice() {
        return builds().stream()
                .filter(Build::open)
                .max(Comparator.comparing(Build::at))
                .map(Build::hash)
                .orElse("");
    }

    /** @param hash that somebody chose before; if it cannot be chosen any more it is as if nothing was */
    public String chosen(String hash) {
        return builds().stream().anyMatch(build -> build.open() && build.hash().equals(hash)) ? hash : choice();
    }

    private List<Build> builds() {
        return results.stream().flatMap(result -> result.builds().stream()).toList();
    }

    /**
     * Builds with the same bytes in every output.
     *
     * @param platform such as {@code x86_64-linux}, or "any"
     * @param names of its files or outputs, where builds of the release have others; else empty
     * @param letter empty if all builds for the platform with these names have the same bytes
     * @param builds newest first
     */
    public record Result(String platform, String names, String letter, List<Build> builds) {
        public Result {
            builds = List.copyOf(builds);
        }
    }

    /**
     * What one derivation gave.
     *
     * @param hash hash part of its first path, by which it is chosen
     * @param newest of all that are alternatives to it
     * @param served whether it is what clients get
     * @param released false while it is only proposed
     * @param blocked whether it is proposed, and clients were promised other bytes under the same file name
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

        /** Whether a maintainer can have it served. */
        public boolean open() {
            return !released && !blocked;
        }
    }

    /**
     * A file or path of a build.
     *
     * @param url of the page of its store path
     * @param path in full
     * @param whole whether it is the path as a whole
     * @param length in bytes
     * @param sha256 in hex; of a whole path its NAR hash
     * @param references to other paths
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
