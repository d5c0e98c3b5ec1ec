package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * All versions, newest first.
 *
 * @param tags of the package, in the order in which people look for them
 */
public record VersionsView(ReleaseHead head, List<Tag> tags, List<Line> lines) implements View {
    private static final int MOST_BARS = 60;

    /**
     * @param arrival as in {@link ReleaseHead}
     * @param wholePath as in {@link ReleaseHead}
     * @param size of its main artifact, in bytes: the NAR size of a whole path, else the download size of a file
     * @param publishedBy empty if not recorded
     * @param withdrawals what it is since it was taken back, such as "yanked"
     * @param signatures pushed with its main path; those in the cache's own name only if they are bad
     * @param closure what its main path weighs; absent of old versions where there are very many
     * @param before the version before it, of which it is the next step; absent for the first one
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
            Optional<Before> before) {
        /** What versions are compared by: the closure size of a whole path if all of it is known, else the size of the file. */
        public Optional<Long> weight() {
            return !wholePath
                    ? Optional.of(size)
                    : closure.filter(DiffView.ClosureSize::complete).map(DiffView.ClosureSize::closureSize);
        }

        /** The key of a builder that this cache knows, by which it is signed; empty without one. */
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

        /** The same as an address of a side that is compared, as a form sends it. */
        public String side() {
            return url.substring(1);
        }
    }

    /**
     * The step to a version.
     *
     * @param url where the two are compared
     * @param change by how many bytes the closure, or the file, grew; absent unless both sizes are known
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Before(String version, String url, Optional<Long> change) {}

    public List<Line> stable() {
        return lines.stream().filter(l -> !l.prerelease).toList();
    }

    public List<Line> prereleases() {
        return lines.stream().filter(Line::prerelease).toList();
    }

    /** Whether clients fetch whole store paths, in any of the versions. */
    public boolean wholePaths() {
        return lines.stream().anyMatch(Line::wholePath);
    }

    /** How all versions came here, see {@link ReleaseHead#arrival}; empty if some came otherwise. */
    public String arrival() {
        var ways = lines.stream().map(Line::arrival).distinct().toList();
        return ways.size() == 1 ? ways.getFirst() : "";
    }

    /** Whether any version needs other paths; of files that stand alone the closure is but their size. */
    public boolean closures() {
        return lines.stream()
                .anyMatch(line ->
                        line.closure.filter(c -> c.paths() > 1 || !c.complete()).isPresent());
    }

    /** The version that a form offers to compare the shown one with: the one before it, else any other. */
    public String other() {
        return lines.stream()
                .filter(Line::current)
                .flatMap(line -> line.before.stream())
                .map(Before::version)
                .findFirst()
                .or(() -> lines.stream()
                        .filter(line -> !line.current)
                        .map(Line::version)
                        .findFirst())
                .orElse("");
    }

    /**
     * How the closure grew over versions: a bar for each, oldest first, in a field of 100 by 40.
     *
     * @param step the version that brought the largest growth, or an empty text
     * @param stepSize that growth in bytes
     */
    public record Chart(List<Bar> bars, Line first, Line last, String step, long stepSize) {}

    public record Bar(double x, double y, double width, double height, boolean current) {}

    /** Of released versions whose closure is known whole; empty unless there are two of them. */
    public Optional<Chart> chart() {
        var known = stable().stream()
                .filter(line -> line.released && line.weight().isPresent())
                .limit(MOST_BARS)
                .toList()
                .reversed();
        if (known.size() < 2) {
            return Optional.empty();
        }
        var sizes = known.stream().map(line -> line.weight().orElse(0L)).toList();
        var step = IntStream.range(1, sizes.size())
                .boxed()
                .filter(i -> sizes.get(i) > sizes.get(i - 1))
                .max(Comparator.comparingLong(i -> sizes.get(i) - sizes.get(i - 1)));
        return Optional.of(new Chart(
                bars(known, sizes),
                known.getFirst(),
                known.getLast(),
                step.map(i -> known.get(i).version).orElse(""),
                step.map(i -> sizes.get(i) - sizes.get(i - 1)).orElse(0L)));
    }

    private static final double WIDTH = 100;
    private static final double HEIGHT = 40;
    private static final double GAP = 0.16;

    private static List<Bar> bars(List<Line> lines, List<Long> sizes) {
        double most = Math.max(1, sizes.stream().mapToLong(size -> size).max().orElse(1));
        double room = WIDTH / lines.size();
        return IntStream.range(0, lines.size())
                .mapToObj(i -> {
                    double height = HEIGHT * sizes.get(i) / most;
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
