package dev.narthex.web.view;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How often clients took a package.
 *
 * @param month in thirty days
 * @param release in thirty days, this release alone
 * @param daily the last thirty days, today in UTC last
 * @param weekly the last twelve times seven days, the seven that end today last
 */
public record Downloads(long month, long release, List<Long> daily, List<Long> weekly) {
    private static final double WIDTH = 100;
    private static final double FOOT = 30;
    private static final double TALLEST = 26;

    public Downloads {
        daily = List.copyOf(daily);
        weekly = List.copyOf(weekly);
    }

    /** On the busiest day. */
    public long most() {
        return daily.stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** The days as a path of SVG, 100 wide and 30 high. */
    public String line() {
        double step = WIDTH / Math.max(1, daily.size() - 1);
        double scale = TALLEST / Math.max(1, most());
        return IntStream.range(0, daily.size())
                .mapToObj(i -> String.format(Locale.ROOT, "%.1f %.1f", i * step, FOOT - daily.get(i) * scale))
                .collect(Collectors.joining("L", "M", ""));
    }

    /** What lies under the line. */
    public String area() {
        return line() + "L100 30L0 30z";
    }
}
