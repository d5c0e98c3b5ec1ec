package dev.narthex.web.view;

import java.util.List;
import java.util.Optional;

/**
 * A path with its closure.
 *
 * @param complete false if the closure has more paths than are listed
 * @param missing base names of references that are not in this cache
 * @param why reference chains from the path to the one that the user selected; empty without a selection
 */
public record ClosureView(
        PathHead head,
        long closureSize,
        boolean complete,
        List<Node> nodes,
        List<String> missing,
        List<ReferenceChain> why)
        implements View {
    /**
     * A path of the closure.
     *
     * @param direct whether the page's path references it directly
     * @param references base names of its references, without itself
     */
    public record Node(StoreItem item, String base, boolean own, boolean direct, List<String> references) {
        private static final int HASH_LENGTH = 32;

        /** Returns the hash part of the store path. It is not a component because in the JSON it is part of the base name. */
        public String hash() {
            return base.substring(0, HASH_LENGTH);
        }
    }

    /** A chain of references from the page's path to the selected path. */
    public record ReferenceChain(List<StoreItem> steps) {}

    public double share(Node node) {
        return closureSize == 0 ? 0 : 100.0 * node.item.narSize() / closureSize;
    }

    public Optional<ClosureGraph> graph() {
        return ClosureGraph.of(nodes);
    }
}
