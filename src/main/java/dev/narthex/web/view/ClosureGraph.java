package dev.narthex.web.view;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A closure drawn from left to right: edges lead from a path to its references. Lengths are in SVG units.
 *
 * @param gathered number of small paths that are not drawn
 * @param gatheredSize sum of the NAR sizes of those paths, in bytes
 */
public record ClosureGraph(
        int width, int height, List<Arch> arches, List<Edge> edges, int gathered, long gatheredSize) {
    /** Larger closures are shown as a table only. */
    static final int MAX_PATHS = 3000;

    /** Draws the closure. Returns empty if it is a single path or too large. */
    static Optional<ClosureGraph> of(List<ClosureView.Node> nodes) {
        return nodes.size() < 2 || nodes.size() > MAX_PATHS
                ? Optional.empty()
                : Optional.of(ClosureGraphLayout.draw(nodes));
    }

    /**
     * One path. The area of the arch is proportional to the NAR size, with a minimum so that small paths stay visible.
     *
     * @param y center of the arch
     * @param radius radius of the round top; half the width
     */
    public record Arch(StoreItem item, boolean own, double x, double y, double radius) {
        private static final double HALF_HEIGHT = 1.2;
        private static final double LETTER = 7.1;

        /** Returns the outline as an SVG path: round at the top, flat at the bottom. */
        public String outline() {
            double foot = y + HALF_HEIGHT * radius;
            double shoulder = foot - 2 * HALF_HEIGHT * radius + radius;
            return String.format(
                    Locale.ROOT,
                    "M%.1f %.1fV%.1fa%.1f %.1f 0 0 1 %.1f 0V%.1fz",
                    x,
                    foot,
                    shoulder,
                    radius,
                    radius,
                    2 * radius,
                    foot);
        }

        public long textX() {
            return Math.round(x + 2 * radius + 8);
        }

        public long nameY() {
            return Math.round(y - 2);
        }

        public long sizeY() {
            return Math.round(y + 14);
        }

        public long boxX() {
            return Math.round(x - 5);
        }

        public long boxY() {
            return Math.round(y - boxHeight() / 2.0);
        }

        public long boxWidth() {
            return Math.round(2 * radius + 18 + LETTER * item.name().length());
        }

        public long boxHeight() {
            return Math.round(Math.max(44, 2 * HALF_HEIGHT * radius + 6));
        }
    }

    /** @param outline as an SVG path */
    public record Edge(String outline) {}
}
