package dev.narthex.catalog;

import dev.narthex.nix.StorePath;
import java.util.List;

/**
 * A store path with all that it refers to, as far as the cache has it.
 *
 * @param nodes the path itself and what it reaches, largest first
 * @param complete whether that is all: nothing is missing, and no limit was met
 * @param missing base names that are referred to, but are not in the cache; empty if a limit was met
 * @param narSize bytes of all nodes together
 */
public record Closure(List<Node> nodes, boolean complete, List<String> missing, long narSize) {
    public Closure {
        nodes = List.copyOf(nodes);
        missing = List.copyOf(missing);
    }

    /**
     * @param references base names
     * @param direct whether the path at the root refers to it
     */
    public record Node(StorePath path, long narSize, List<String> references, boolean direct) {
        public Node {
            references = List.copyOf(references);
        }
    }
}
