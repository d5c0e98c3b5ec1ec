package dev.narthex.web.view;

import java.util.ArrayList;
import java.util.List;

/**
 * What a path weighs with all it needs.
 *
 * @param narSize of all paths together, in bytes
 * @param parts the heaviest, heaviest first; the path itself is always among them
 * @param others how many more there are
 * @param complete false if some paths are not in this cache or there are too many to count
 */
public record Weight(long narSize, int paths, List<Part> parts, int others, long othersSize, boolean complete) {
    private static final double GAP = 0.5;
    private static final int STEPS = 4;

    /** @param own whether this is the path itself */
    public record Part(StoreItem path, boolean own) {}

    /** A stretch of the bar, in hundredths of its length. */
    public record Bar(String step, double x, double width) {}

    /** One step of colour for each part, gold for the path itself. */
    public List<String> steps() {
        var steps = new ArrayList<String>();
        int next = 1;
        for (var part : parts) {
            steps.add(part.own ? "w5" : "w" + Math.min(next++, STEPS));
        }
        return steps;
    }

    public List<Bar> bars() {
        var bars = new ArrayList<Bar>();
        var steps = steps();
        double x = 0;
        for (int i = 0; i < parts.size(); i++) {
            x = add(bars, steps.get(i), x, parts.get(i).path.narSize());
        }
        if (others > 0) {
            add(bars, "w6", x, othersSize);
        }
        return bars;
    }

    private double add(List<Bar> bars, String step, double x, long size) {
        double width = narSize == 0 ? 0 : 100.0 * size / narSize;
        bars.add(new Bar(step, rounded(x), rounded(Math.max(0, width - GAP))));
        return x + width;
    }

    private static double rounded(double x) {
        return Math.round(x * 100) / 100.0;
    }
}
