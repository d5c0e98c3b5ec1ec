package dev.narthex.web.view;

import java.util.List;
import java.util.Optional;

/**
 * A path with all it needs.
 *
 * @param complete false if there are more paths than are listed
 * @param missing base names that are needed and not in this cache
 * @param why the ways to one path of the closure that was asked for; empty if none was
 */
public record ClosureView(
        PathHead head, long closureSize, boolean complete, List<Node> nodes, List<String> missing, List<Way> why)
        implements View {
    /**
     * @param direct whether the path itself refers to it
     * @param references base names, its own left out
     */
    public record Node(StoreItem item, String base, boolean own, boolean direct, List<String> references) {
        private static final int HASH_LENGTH = 32;

        /** The hash part of its store path; no component: the twin has it in the base name. */
        public String hash() {
            return base.substring(0, HASH_LENGTH);
        }
    }

    /** One way from the path to the one that was asked for. */
    public record Way(List<StoreItem> steps) {}

    public double share(Node node) {
        return closureSize == 0 ? 0 : 100.0 * node.item.narSize() / closureSize;
    }

    public Optional<ClosureGraph> graph() {
        return ClosureGraph.of(nodes);
    }
}
