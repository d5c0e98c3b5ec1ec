package dev.narthex.web.path;

import dev.narthex.catalog.path.Closure;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.view.ClosureView;
import dev.narthex.web.view.StoreItem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds why a path is in a closure, like {@code nix why-depends}: for each direct reference that leads to it, the shortest
 * reference chain.
 */
final class WhyDepends {
    private static final int SHOWN = 8;

    private final Cache cache;
    private final Map<String, Closure.Node> byBase = new HashMap<>();

    WhyDepends(Cache cache, Closure closure) {
        this.cache = cache;
        closure.nodes().forEach(node -> byBase.put(node.path().baseName(), node));
    }

    /** Returns up to {@value #SHOWN} chains, shortest first; empty if the target is not reachable. */
    List<ClosureView.ReferenceChain> chainsTo(String fromHash, String toHash) {
        var from = byHash(fromHash);
        var to = byHash(toHash);
        if (from.isEmpty() || to.isEmpty() || fromHash.equals(toHash)) {
            return List.of();
        }
        var next = nextSteps(to.get().path().baseName());
        return from.get().references().stream()
                .filter(base -> !base.equals(from.get().path().baseName()) && next.containsKey(base))
                .map(base -> chain(from.get(), base, next))
                .sorted(Comparator.comparingInt(chain -> chain.steps().size()))
                .limit(SHOWN)
                .toList();
    }

    /** Maps each path from which the target is reachable to its successor on a shortest chain. The target maps to itself. */
    private Map<String, String> nextSteps(String target) {
        var referrers = new HashMap<String, List<String>>();
        byBase.forEach((base, node) -> node.references()
                .forEach(ref ->
                        referrers.computeIfAbsent(ref, key -> new ArrayList<>()).add(base)));
        var next = new HashMap<String, String>(Map.of(target, target));
        var queue = new ArrayDeque<>(List.of(target));
        while (!queue.isEmpty()) {
            var base = queue.remove();
            for (var referrer : referrers.getOrDefault(base, List.of())) {
                if (next.putIfAbsent(referrer, base) == null) {
                    queue.add(referrer);
                }
            }
        }
        return next;
    }

    private ClosureView.ReferenceChain chain(Closure.Node from, String through, Map<String, String> next) {
        var steps = new ArrayList<StoreItem>(List.of(item(from)));
        var seen = new HashSet<String>();
        for (var base = through; seen.add(base); base = next.getOrDefault(base, base)) {
            Optional.ofNullable(byBase.get(base)).map(this::item).ifPresent(steps::add);
        }
        return new ClosureView.ReferenceChain(steps);
    }

    private StoreItem item(Closure.Node node) {
        return ViewMapper.item(cache, node.path(), node.narSize());
    }

    private Optional<Closure.Node> byHash(String hash) {
        return byBase.values().stream()
                .filter(node -> node.path().hash().equals(hash))
                .findFirst();
    }
}
