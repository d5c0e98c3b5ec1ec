package dev.narthex.catalog.path;

import dev.narthex.nix.StorePath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes the sizes of several closures in one graph. Nodes are integers, so that following a reference is an array access:
 * there is one walk per root, and each may visit all nodes.
 */
final class ClosureSizeCounter {
    private static final int ABSENT = -1;

    private final Map<String, Integer> byBase = new HashMap<>();
    private final Map<String, Integer> byHash = new HashMap<>();
    private final List<Long> sizes = new ArrayList<>();
    private final List<List<String>> references = new ArrayList<>();

    /**
     * Adds a path to the graph.
     *
     * @param refs base names; those that are never added count as missing
     */
    void add(StorePath path, long narSize, List<String> refs) {
        byBase.put(path.baseName(), sizes.size());
        byHash.put(path.hash(), sizes.size());
        sizes.add(narSize);
        references.add(refs);
    }

    Map<String, ClosureTotals> weights(List<String> hashParts) {
        var edges = references.stream()
                .map(refs -> refs.stream()
                        .mapToInt(ref -> byBase.getOrDefault(ref, ABSENT))
                        .toArray())
                .toArray(int[][]::new);
        var passed = new int[edges.length];
        var weights = new HashMap<String, ClosureTotals>();
        for (int i = 0; i < hashParts.size(); i++) {
            var root = byHash.get(hashParts.get(i));
            if (root != null) {
                weights.put(hashParts.get(i), weigh(root, edges, passed, i + 1));
            }
        }
        return weights;
    }

    /** @param passed for each node, the number of the last walk that visited it */
    private ClosureTotals weigh(int root, int[][] edges, int[] passed, int walk) {
        var queue = new int[edges.length];
        int end = 0;
        queue[end++] = root;
        passed[root] = walk;
        boolean complete = true;
        long size = 0;
        for (int at = 0; at < end; at++) {
            size += sizes.get(queue[at]);
            for (int next : edges[queue[at]]) {
                if (next == ABSENT) {
                    complete = false;
                } else if (passed[next] != walk) {
                    passed[next] = walk;
                    queue[end++] = next;
                }
            }
        }
        return new ClosureTotals(size, end, complete);
    }
}
