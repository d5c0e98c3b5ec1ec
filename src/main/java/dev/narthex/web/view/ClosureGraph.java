package dev.narthex.web.view;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A closure as a picture, read from the left: each path needs those that its lines lead to. Lengths are units of the SVG.
 *
 * @param gathered how many small paths have no arch of their own
 */
public record ClosureGraph(
        int width, int height, List<Arch> arches, List<Edge> edges, int gathered, long gatheredSize) {
    /** More paths than this are shown as a table only. */
    static final int LIMIT = 3000;

    /** Empty if the closure is too large to be drawn. */
    static Optional<ClosureGraph> of(List<ClosureView.Node> nodes) {
        return nodes.size() < 2 || nodes.size() > LIMIT ? Optional.empty() : Optional.of(GraphLayout.draw(nodes));
    }

    /**
     * One path. The area of the arch grows with its size, down to a smallest one that is still seen.
     *
     * @param y of its middle
     * @param radius of its round top, half its width
     */
    public record Arch(StoreItem item, boolean own, double x, double y, double radius) {
        private static final double HALF_HEIGHT = 1.2;
        private static final double LETTER = 7.1;

        /** Round above, flat below. */
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
