package dev.narthex.web.view;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Download counts of a package.
 *
 * @param month downloads in the last 30 days
 * @param release downloads of this release in the last 30 days
 * @param daily the last 30 days, oldest first; the last one is today in UTC
 * @param weekly the last twelve periods of 7 days, oldest first; the last one ends today
 */
public record DownloadsView(long month, long release, List<Long> daily, List<Long> weekly) {
    private static final double WIDTH = 100;
    private static final double FOOT = 30;
    private static final double TALLEST = 26;

    public DownloadsView {
        daily = List.copyOf(daily);
        weekly = List.copyOf(weekly);
    }

    /** Returns the downloads of the busiest day. */
    public long most() {
        return daily.stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** Returns the daily counts as an SVG path in a field of 100 by 30. */
    public String line() {
        double step = WIDTH / Math.max(1, daily.size() - 1);
        double scale = TALLEST / Math.max(1, most());
        return IntStream.range(0, daily.size())
                .mapToObj(i -> String.format(Locale.ROOT, "%.1f %.1f", i * step, FOOT - daily.get(i) * scale))
                .collect(Collectors.joining("L", "M", ""));
    }

    /** Returns the SVG path of the area below the line. */
    public String area() {
        return line() + "L100 30L0 30z";
    }
}
