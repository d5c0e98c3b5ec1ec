package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * All versions of a package, newest first.
 *
 * @param tags tags of the package, most important first
 */
public record VersionsView(ReleaseHead head, List<Tag> tags, List<Line> lines) implements View {
    private static final int MAX_BARS = 60;

    /**
     * One version.
     *
     * @param arrival as in {@link ReleaseHead}
     * @param wholePath as in {@link ReleaseHead}
     * @param size size of the primary artifact in bytes: the NAR size of a whole path, or the download size of a file
     * @param publishedBy empty if not recorded
     * @param withdrawals withdrawal states, such as "yanked"
     * @param signatures signatures pushed with the primary path; those with the cache's own key name only if they are bad
     * @param closure closure size of the primary path; absent for old versions if there are very many
     * @param before the previous version; absent for the first version
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Line(
            String url,
            String version,
            boolean prerelease,
            boolean released,
            boolean current,
            Instant publishedAt,
            String arrival,
            String publishedBy,
            boolean wholePath,
            long size,
            String licence,
            List<String> withdrawals,
            List<PathView.Signature> signatures,
            List<String> tags,
            Optional<DiffView.ClosureSize> closure,
            Optional<PreviousVersion> before) {
        /**
         * Returns the size by which versions are compared: the closure size of a whole path if it is completely known, or the size
         * of the file.
         */
        public Optional<Long> weight() {
            return !wholePath
                    ? Optional.of(size)
                    : closure.filter(DiffView.ClosureSize::complete).map(DiffView.ClosureSize::closureSize);
        }

        /** Returns the name of the known key that signed the version; empty if no such signature is valid. */
        public String builder() {
            return signatures.stream()
                    .filter(s -> s.state().equals("valid"))
                    .map(PathView.Signature::key)
                    .findFirst()
                    .orElse("");
        }

        public boolean badlySigned() {
            return signatures.stream().anyMatch(s -> s.state().equals("bad"));
        }

        /** Returns the version as a side of a comparison, in the format that forms send. */
        public String side() {
            return url.substring(1);
        }
    }

    /**
     * The step from the previous version.
     *
     * @param url URL of the comparison
     * @param change size difference of the closure or file, in bytes; absent unless both sizes are known
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record PreviousVersion(String version, String url, Optional<Long> change) {}

    public List<Line> stable() {
        return lines.stream().filter(l -> !l.prerelease).toList();
    }

    public List<Line> prereleases() {
        return lines.stream().filter(Line::prerelease).toList();
    }

    /** Returns whether clients fetch whole store paths in any of the versions. */
    public boolean wholePaths() {
        return lines.stream().anyMatch(Line::wholePath);
    }

    /** Returns how all versions got here (see {@link ReleaseHead#arrival}); empty if they differ. */
    public String arrival() {
        var ways = lines.stream().map(Line::arrival).distinct().toList();
        return ways.size() == 1 ? ways.getFirst() : "";
    }

    /** Returns whether any version has references. Without references, the closure size is just the file size. */
    public boolean closures() {
        return lines.stream()
                .anyMatch(line ->
                        line.closure.filter(c -> c.paths() > 1 || !c.complete()).isPresent());
    }

    /** Returns the version preselected for a comparison with the shown one: the previous version, else any other. */
    public String other() {
        return lines.stream()
                .filter(Line::current)
                .flatMap(line -> line.before.stream())
                .map(PreviousVersion::version)
                .findFirst()
                .or(() -> lines.stream()
                        .filter(line -> !line.current)
                        .map(Line::version)
                        .findFirst())
                .orElse("");
    }

    /**
     * The closure size over versions: a bar for each, oldest first, in a field of 100 by 40.
     *
     * @param step the version with the largest growth, or an empty text
     * @param stepSize that growth, in bytes
     */
    public record Chart(List<Bar> bars, Line first, Line last, String step, long stepSize) {}

    public record Bar(double x, double y, double width, double height, boolean current) {}

    /** Returns the chart of released versions with a completely known closure; empty if there are fewer than two. */
    public Optional<Chart> chart() {
        var lines = stable().stream()
                .filter(line -> line.released && line.weight().isPresent())
                .limit(MAX_BARS)
                .toList()
                .reversed();
        if (lines.size() < 2) {
            return Optional.empty();
        }
        var sizes = lines.stream().map(line -> line.weight().orElse(0L)).toList();
        var step = IntStream.range(1, sizes.size())
                .boxed()
                .filter(i -> sizes.get(i) > sizes.get(i - 1))
                .max(Comparator.comparingLong(i -> sizes.get(i) - sizes.get(i - 1)));
        return Optional.of(new Chart(
                bars(lines, sizes),
                lines.getFirst(),
                lines.getLast(),
                step.map(i -> lines.get(i).version).orElse(""),
                step.map(i -> sizes.get(i) - sizes.get(i - 1)).orElse(0L)));
    }

    private static final double WIDTH = 100;
    private static final double HEIGHT = 40;
    private static final double GAP = 0.16;

    private static List<Bar> bars(List<Line> lines, List<Long> sizes) {
        double max = Math.max(1, sizes.stream().mapToLong(size -> size).max().orElse(1));
        double room = WIDTH / lines.size();
        return IntStream.range(0, lines.size())
                .mapToObj(i -> {
                    double height = HEIGHT * sizes.get(i) / max;
                    return new Bar(
                            rounded(i * room + room * GAP / 2),
                            rounded(HEIGHT - height),
                            rounded(room * (1 - GAP)),
                            rounded(height),
                            lines.get(i).current);
                })
                .toList();
    }

    private static double rounded(double x) {
        return Math.round(x * 100) / 100.0;
    }
}
