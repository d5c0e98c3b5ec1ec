package dev.narthex.web.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.nix.NarListing.Entry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TreePairsTest {
    private static TreePairs.Tree tree(String version, String... paths) {
        var leaves = new LinkedHashMap<String, Entry>();
        for (var path : paths) {
            leaves.put(path, new Entry.Regular(false, 1, leaves.size()));
        }
        return new TreePairs.Tree(leaves, version);
    }

    private static List<String> both(TreePairs pairs) {
        return pairs.pairs().stream()
                .map(pair -> pair.pathA().equals(pair.pathB()) ? pair.pathB() : pair.pathA() + " > " + pair.pathB())
                .toList();
    }

    @Test
    void equalPathsArePairedInOrderOfTheSecondTree() {
        var pairs = TreePairs.of(tree("1", "c", "a", "gone"), tree("2", "new", "a", "c"));
        assertEquals(List.of("a", "c"), both(pairs));
        assertEquals(Set.of("gone"), pairs.onlyA().keySet());
        assertEquals(Set.of("new"), pairs.onlyB().keySet());
    }

    @Test
    void versionInAPathIsIgnored() {
        var pairs = TreePairs.of(
                tree("1.16.0", "six-1.16.0.dist-info/METADATA", "six.py", "six-1.16.0/x"),
                tree("1.17.0", "six-1.17.0.dist-info/METADATA", "six.py", "six-1.17.0/y"));
        assertEquals(List.of("six-1.16.0.dist-info/METADATA > six-1.17.0.dist-info/METADATA", "six.py"), both(pairs));
        assertEquals(Set.of("six-1.16.0/x"), pairs.onlyA().keySet());
        assertEquals(Set.of("six-1.17.0/y"), pairs.onlyB().keySet());
    }

    @Test
    void equalPathWinsOverVersionMatch() {
        var pairs = TreePairs.of(tree("1", "lib-1/x", "lib-2/x"), tree("2", "lib-2/x"));
        assertEquals(List.of("lib-2/x"), both(pairs));
        assertEquals(Set.of("lib-1/x"), pairs.onlyA().keySet());
    }

    @Test
    void versionMustBeAWholeWord() {
        var pairs = TreePairs.of(tree("1", "man1/x", "x-1.2/y"), tree("3", "man3/x", "x-3.2/y"));
        assertEquals(List.of(), both(pairs));
    }

    @Test
    void fileIsInAtMostOnePair() {
        var pairs = TreePairs.of(tree("1", "a-1/a-1"), tree("2", "a-2/a-2", "a-2/a"));
        assertEquals(List.of("a-1/a-1 > a-2/a-2"), both(pairs));
        var several = TreePairs.of(tree("1.0", "a-1.0"), tree("2.0", "a-2.0", "b-2.0"));
        assertEquals(List.of("a-1.0 > a-2.0"), both(several));
    }
}
