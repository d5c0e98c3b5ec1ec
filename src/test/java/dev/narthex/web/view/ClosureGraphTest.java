package dev.narthex.web.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClosureGraphTest {
    @Test
    void transitiveEdgesAreOmitted() {
        var graph = draw(node("app", 10, "lib", "libc"), node("lib", 5, "libc"), node("libc", 100));
        assertEquals(2, graph.edges().size());
    }

    @Test
    void pathsArePlacedRightOfTheirReferrers() {
        var graph = draw(
                node("app", 1, "a", "b", "c"),
                node("a", 1, "b"),
                node("b", 1, "c"),
                node("c", 1),
                node("other", 1, "c"));
        assertTrue(x(graph, "app") < x(graph, "a"));
        assertTrue(x(graph, "a") < x(graph, "b"));
        assertTrue(x(graph, "b") < x(graph, "c"));
    }

    @Test
    void nodesOfOneColumnDoNotOverlap() {
        var nodes = new ArrayList<ClosureView.Node>();
        var names = new ArrayList<String>();
        for (int i = 0; i < 30; i++) {
            nodes.add(node("leaf" + i, 1000L * i));
            names.add("leaf" + i);
        }
        nodes.add(node("app", 1, names.toArray(String[]::new)));
        var ys = draw(nodes.toArray(ClosureView.Node[]::new)).arches().stream()
                .filter(a -> !a.own())
                .map(ClosureGraph.Arch::y)
                .sorted()
                .toList();
        for (int i = 1; i < ys.size(); i++) {
            assertTrue(ys.get(i) - ys.get(i - 1) >= 44, "row " + i);
        }
    }

    @Test
    void nodeAreaGrowsWithSize() {
        var graph = draw(node("app", 0, "small", "large"), node("small", 250_000), node("large", 1_000_000));
        assertEquals(2, radius(graph, "large") / radius(graph, "small"), 0.01);
        assertTrue(radius(graph, "app") > 0);
    }

    @Test
    void cycleIsDrawnWithoutItsLastEdge() {
        var graph = draw(node("app", 1, "a"), node("a", 1, "b"), node("b", 1, "a", "app"));
        assertEquals(3, graph.arches().size());
        assertEquals(2, graph.edges().size());
    }

    @Test
    void largeClosureKeepsTheRootAndTheLargestPaths() {
        var random = new Random(1);
        var nodes = new ArrayList<ClosureView.Node>();
        for (int i = 0; i < 2999; i++) {
            var needs = new ArrayList<String>();
            for (int j = 0; j < 20; j++) {
                needs.add("n" + (i + 1 + random.nextInt(200)));
            }
            nodes.add(node("n" + i, random.nextInt(1_000_000) + 10, needs.toArray(String[]::new)));
        }
        nodes.add(node("app", 1, "n0", "n1", "n2"));
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            var graph = draw(nodes.toArray(ClosureView.Node[]::new));
            assertEquals(40, graph.arches().size());
            assertEquals(2960, graph.gathered());
            assertTrue(graph.arches().stream().anyMatch(ClosureGraph.Arch::own));
            long heaviest =
                    nodes.stream().mapToLong(n -> n.item().narSize()).max().orElseThrow();
            assertTrue(graph.arches().stream().anyMatch(a -> a.item().narSize() == heaviest));
        });
    }

    @Test
    void hugeAndSingleClosuresHaveNoGraph() {
        assertEquals(Optional.empty(), ClosureGraph.of(List.of(node("app", 1))));
        var many = new ArrayList<ClosureView.Node>();
        for (int i = 0; i <= ClosureGraph.MAX_PATHS; i++) {
            many.add(node("n" + i, 1));
        }
        assertEquals(Optional.empty(), ClosureGraph.of(many));
    }

    private static ClosureGraph draw(ClosureView.Node... nodes) {
        var bySize = new ArrayList<>(List.of(nodes));
        bySize.sort(Comparator.comparingLong((ClosureView.Node n) -> n.item().narSize())
                .reversed());
        return ClosureGraph.of(bySize).orElseThrow();
    }

    private static ClosureView.Node node(String name, long size, String... references) {
        return new ClosureView.Node(
                new StoreItem("/" + name, "/nix/store/" + name, name, size),
                name,
                name.equals("app"),
                false,
                List.of(references));
    }

    private static double x(ClosureGraph graph, String name) {
        return arch(graph, name).x();
    }

    private static double radius(ClosureGraph graph, String name) {
        return arch(graph, name).radius();
    }

    private static ClosureGraph.Arch arch(ClosureGraph graph, String name) {
        return graph.arches().stream()
                .filter(a -> a.item().name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
