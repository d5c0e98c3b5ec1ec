package dev.narthex.web.view;

import dev.narthex.web.view.ClosureGraph.Arch;
import dev.narthex.web.view.ClosureGraph.Edge;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws the root and the largest paths of a closure in layers, by a simple form of Sugiyama's method:
 *
 * <ol>
 *   <li>Compute reachability with bit sets, and drop transitive edges.
 *   <li>Assign each path to a layer by the longest chain from the root.
 *   <li>Insert bend points where edges cross a layer.
 *   <li>Order each layer once by the mean position of the predecessors.
 * </ol>
 *
 * <p>References form no cycles except self-references. If malicious data contains a cycle, the edge that closes it is not drawn.
 */
final class ClosureGraphLayout {
    private static final int ARCHES = 40;
    private static final int ROW = 54;
    private static final int BEND = 18;
    private static final int MARGIN = 8;
    private static final int CHANNEL = 56;
    private static final double MIN_SIZE = 3.5;
    private static final double MAX_SIZE = 20;

    private final List<ClosureView.Node> nodes;
    private final List<List<Integer>> successors = new ArrayList<>();
    private final List<BitSet> reach = new ArrayList<>();
    private final int root;

    private ClosureGraphLayout(List<ClosureView.Node> nodes) {
        this.nodes = nodes;
        this.root = Math.max(
                0,
                nodes.indexOf(
                        nodes.stream().filter(ClosureView.Node::own).findFirst().orElse(nodes.getFirst())));
    }

    static ClosureGraph draw(List<ClosureView.Node> nodes) {
        var layout = new ClosureGraphLayout(nodes);
        layout.findReach();
        return layout.picture(layout.chosen());
    }

    /** Fills {@link #successors} without edges that close a cycle, and {@link #reach}, children before parents. */
    private void findReach() {
        var index = new HashMap<String, Integer>();
        for (int i = 0; i < nodes.size(); i++) {
            index.put(nodes.get(i).base(), i);
            successors.add(new ArrayList<>());
            reach.add(new BitSet());
        }
        var state = new int[nodes.size()];
        visit(root, index, state);
        for (int start = 0; start < nodes.size(); start++) {
            visit(start, index, state);
        }
    }

    private void visit(int start, Map<String, Integer> index, int[] state) {
        var stack = new ArrayDeque<int[]>();
        if (state[start] == 0) {
            stack.push(new int[] {start, 0});
            state[start] = 1;
        }
        while (!stack.isEmpty()) {
            var top = stack.element();
            var references = nodes.get(top[0]).references();
            if (top[1] == references.size()) {
                state[top[0]] = 2;
                stack.pop();
                successors.get(top[0]).forEach(child -> reach.get(top[0]).or(reach.get(child)));
                successors.get(top[0]).forEach(reach.get(top[0])::set);
                continue;
            }
            var child = index.get(references.get(top[1]++));
            if (child == null || state[child] == 1) {
                continue;
            }
            successors.get(top[0]).add(child);
            if (state[child] == 0) {
                state[child] = 1;
                stack.push(new int[] {child, 0});
            }
        }
    }

    /** Returns the root and the largest paths, topologically sorted: referrers before their references. */
    private List<Integer> chosen() {
        var heaviest = new ArrayList<Integer>();
        for (int i = 0; i < nodes.size(); i++) {
            heaviest.add(i);
        }
        heaviest.sort(
                Comparator.comparingLong((Integer i) -> nodes.get(i).item().narSize())
                        .reversed());
        var chosen = new ArrayList<>(heaviest.subList(0, Math.min(ARCHES, heaviest.size())));
        if (!chosen.contains(root)) {
            chosen.set(chosen.size() - 1, root);
        }
        chosen.sort(Comparator.comparingInt((Integer i) -> reach.get(i).cardinality())
                .reversed());
        return chosen;
    }

    private ClosureGraph picture(List<Integer> chosen) {
        var places = new HashMap<Integer, GraphPoint>();
        for (int node : chosen) {
            places.put(node, new GraphPoint(node));
        }
        var links = links(chosen, places);
        for (var link : links) {
            link.to.layer = Math.max(link.to.layer, link.from.layer + 1);
        }
        var layers = layers(chosen, places, links);
        arrange(layers);
        var arches = new ArrayList<Arch>();
        int width = place(layers, arches);
        int height = layers.stream().mapToInt(ClosureGraphLayout::height).max().orElse(0) + 2 * MARGIN;
        var edges = links.stream().map(Link::edge).toList();
        long shown = arches.stream().mapToLong(a -> a.item().narSize()).sum();
        long all = nodes.stream().mapToLong(n -> n.item().narSize()).sum();
        return new ClosureGraph(width, height, arches, edges, nodes.size() - arches.size(), all - shown);
    }

    /** Returns the non-transitive edges between the chosen paths, in the order of their sources. */
    private List<Link> links(List<Integer> chosen, Map<Integer, GraphPoint> places) {
        var links = new ArrayList<Link>();
        for (int from : chosen) {
            var targets = chosen.stream().filter(to -> reach.get(from).get(to)).toList();
            for (int to : targets) {
                if (targets.stream().noneMatch(middle -> reach.get(middle).get(to))) {
                    links.add(new Link(placeOf(places, from), placeOf(places, to)));
                }
            }
        }
        return links;
    }

    private static GraphPoint placeOf(Map<Integer, GraphPoint> places, int node) {
        return places.computeIfAbsent(node, GraphPoint::new);
    }

    private List<List<GraphPoint>> layers(List<Integer> chosen, Map<Integer, GraphPoint> places, List<Link> links) {
        var layers = new ArrayList<List<GraphPoint>>();
        for (int node : chosen) {
            var point = placeOf(places, node);
            while (layers.size() <= point.layer) {
                layers.add(new ArrayList<>());
            }
            layers.get(point.layer).add(point);
        }
        for (var link : links) {
            var before = link.from;
            for (int layer = link.from.layer + 1; layer < link.to.layer; layer++) {
                var bend = new GraphPoint(-1);
                bend.layer = layer;
                bend.predecessors.add(before);
                layers.get(layer).add(bend);
                link.bends.add(bend);
                before = bend;
            }
            link.to.predecessors.add(before);
        }
        return layers;
    }

    private static void arrange(List<List<GraphPoint>> layers) {
        int tallest = layers.stream().mapToInt(ClosureGraphLayout::height).max().orElse(0);
        for (var layer : layers) {
            layer.sort(Comparator.comparingDouble(GraphPoint::pull));
            double y = MARGIN + (tallest - height(layer)) / 2.0;
            for (var point : layer) {
                point.y = y + point.room() / 2.0;
                y += point.room();
            }
        }
    }

    private static int height(List<GraphPoint> layer) {
        return layer.stream().mapToInt(GraphPoint::room).sum();
    }

    /** Sets the x coordinates layer by layer, and returns the total width. */
    private int place(List<List<GraphPoint>> layers, List<Arch> arches) {
        long largest = Math.max(
                1, nodes.stream().mapToLong(n -> n.item().narSize()).max().orElse(1));
        double x = MARGIN;
        for (var layer : layers) {
            double widest = 0;
            for (var point : layer) {
                point.barycenter = x;
                point.right = x;
                if (point.node >= 0) {
                    var node = nodes.get(point.node);
                    double radius = Math.max(
                            MIN_SIZE, MAX_SIZE * Math.sqrt((double) node.item().narSize() / largest));
                    var arch = new Arch(node.item(), node.own(), x + 5, point.y, radius);
                    arches.add(arch);
                    point.right = x + arch.boxWidth();
                    widest = Math.max(widest, arch.boxWidth());
                }
            }
            double end = x + widest;
            layer.stream().filter(p -> p.node < 0).forEach(p -> p.right = end);
            x = end + CHANNEL;
        }
        return (int) Math.ceil(x - CHANNEL + MARGIN);
    }

    /** The position of a path, or of a bend where an edge crosses a layer. */
    private static final class GraphPoint {
        private final int node;
        private final List<GraphPoint> predecessors = new ArrayList<>();
        private int layer;
        private double y;
        private double barycenter;
        private double right;

        private GraphPoint(int node) {
            this.node = node;
        }

        private int room() {
            return node < 0 ? BEND : ROW;
        }

        private double pull() {
            return predecessors.stream().mapToDouble(p -> p.y).average().orElse(0);
        }
    }

    private record Link(GraphPoint from, GraphPoint to, List<GraphPoint> bends) {
        Link(GraphPoint from, GraphPoint to) {
            this(from, to, new ArrayList<>());
        }

        private Edge edge() {
            var line = new StringBuilder(format("M%.0f %.0f", from.right, from.y));
            var at = from;
            for (var next : bends) {
                line.append(curve(at, next)).append(format("H%.0f", next.right));
                at = next;
            }
            return new Edge(line.append(curve(at, to)).toString());
        }

        private static String curve(GraphPoint a, GraphPoint b) {
            double middle = (a.right + b.barycenter) / 2;
            return format("C%.0f %.0f %.0f %.0f %.0f %.0f", middle, a.y, middle, b.y, b.barycenter, b.y);
        }

        private static String format(String pattern, Object... values) {
            return String.format(Locale.ROOT, pattern, values);
        }
    }
}
