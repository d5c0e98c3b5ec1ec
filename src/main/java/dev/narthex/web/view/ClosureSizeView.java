package dev.narthex.web.view;

import java.util.ArrayList;
import java.util.List;

/**
 * The size of a path's closure.
 *
 * @param closureSize sum of the NAR sizes of all paths, in bytes
 * @param parts the largest paths, largest first; always includes the path itself
 * @param others number of paths not in {@code parts}
 * @param complete false if some paths are not in this cache or there are too many to count
 */
public record ClosureSizeView(
        long closureSize, int paths, List<Part> parts, int others, long othersSize, boolean complete) {
    private static final double GAP = 0.5;
    private static final int STEPS = 4;

    /** @param own whether this is the path itself */
    public record Part(StoreItem path, boolean own) {}

    /** A segment of the bar, in percent of its length. */
    public record Bar(String step, double x, double width) {}

    public List<String> steps() {
        return steps(parts.stream().map(Part::own).toList());
    }

    public List<Bar> bars() {
        return bars(closureSize, parts.stream().map(part -> part.path.narSize()).toList(), steps(), othersSize);
    }

    /** Assigns each part a CSS class with its color; the own part gets gold. */
    static List<String> steps(List<Boolean> own) {
        var steps = new ArrayList<String>();
        int next = 1;
        for (boolean gold : own) {
            steps.add(gold ? "w5" : "w" + Math.min(next++, STEPS));
        }
        return steps;
    }

    /** Returns the segments of a bar: one for each part and one for all others. */
    static List<Bar> bars(long whole, List<Long> sizes, List<String> steps, long others) {
        var bars = new ArrayList<Bar>();
        double x = 0;
        for (int i = 0; i < sizes.size(); i++) {
            x = add(bars, steps.get(i), x, share(sizes.get(i), whole));
        }
        if (others > 0) {
            add(bars, "w6", x, share(others, whole));
        }
        return bars;
    }

    private static double share(long size, long whole) {
        return whole == 0 ? 0 : 100.0 * size / whole;
    }

    private static double add(List<Bar> bars, String step, double x, double width) {
        bars.add(new Bar(step, rounded(x), rounded(Math.max(0, width - GAP))));
        return x + width;
    }

    private static double rounded(double x) {
        return Math.round(x * 100) / 100.0;
    }
}
