package dev.narthex.web.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FlatTreeTest {
    private static final Entry FILE = new Entry.Regular(false, 1, 96);

    private static Entry folder(Map<String, Entry> entries) {
        return new Entry.Directory(new TreeMap<>(entries));
    }

    @Test
    void entriesAreFoundByPath() {
        var link = new Entry.Symlink("a");
        var empty = folder(Map.of());
        var root = folder(Map.of("a", FILE, "b", folder(Map.of("c", link, "d", empty))));
        var files = FlatTree.of(new NarListing(root)).orElseThrow();
        assertEquals(Map.of("a", FILE, "b/c", link, "b/d", empty), files);
        assertEquals(List.of("a", "b/c", "b/d"), List.copyOf(files.keySet()));
        assertEquals(Map.of("", FILE), FlatTree.of(new NarListing(FILE)).orElseThrow());
        assertEquals(Map.of("", empty), FlatTree.of(new NarListing(empty)).orElseThrow());
    }

    @Test
    void treeOverTheLimitIsRefused() {
        assertEquals(100_000, FlatTree.of(many(100_000)).orElseThrow().size());
        assertEquals(Optional.empty(), FlatTree.of(many(100_001)));
    }

    private static NarListing many(int count) {
        return new NarListing(folder(files(count)));
    }

    private static SortedMap<String, Entry> files(int count) {
        var files = new TreeMap<String, Entry>();
        for (int i = 0; i < count; i++) {
            files.put("f" + i, FILE);
        }
        return files;
    }

    /** A small listing whose paths would fill the memory. */
    @Test
    void totalLengthOfPathsIsLimited() {
        var deep = folder(files(50_000));
        for (int i = 0; i < 60; i++) {
            deep = folder(Map.of("n".repeat(250), deep));
        }
        assertEquals(Optional.empty(), FlatTree.of(new NarListing(deep)));
    }
}
