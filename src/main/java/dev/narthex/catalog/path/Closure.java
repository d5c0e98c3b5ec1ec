package dev.narthex.catalog.path;

import dev.narthex.nix.StorePath;
import java.util.List;

/**
 * The closure of a store path, as far as it is in the cache.
 *
 * @param nodes the path and everything it references directly or indirectly, largest first
 * @param complete whether no path is missing and no limit was reached
 * @param missing base names of references that are not in the cache; empty if a limit was reached
 * @param narSize sum of the NAR sizes in bytes
 */
public record Closure(List<Node> nodes, boolean complete, List<String> missing, long narSize) {
    public Closure {
        nodes = List.copyOf(nodes);
        missing = List.copyOf(missing);
    }

    /**
     * @param references base names
     * @param direct whether the root references this path directly
     */
    public record Node(StorePath path, long narSize, List<String> references, boolean direct) {
        public Node {
            references = List.copyOf(references);
        }
    }
}
