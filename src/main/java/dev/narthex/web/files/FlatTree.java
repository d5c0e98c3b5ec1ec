package dev.narthex.web.files;

import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Flattens a tree: files, symlinks and empty directories by path, in the order of the listing. */
public final class FlatTree {
    /** For larger trees, the paths alone would need more memory than a page may use. */
    private static final int MAX_FILES = 100_000;

    /** Limits the total length of paths, each of which repeats the names of its parent directories. */
    private static final int MAX_CHARACTERS = 16 << 20;

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private int characters;

    private FlatTree() {}

    /** Returns the flattened tree; empty if it exceeds the limits. */
    public static Optional<Map<String, Entry>> of(NarListing listing) {
        var tree = new FlatTree();
        return tree.add("", listing.root()) ? Optional.of(tree.entries) : Optional.empty();
    }

    /** Recursive; the depth is limited by the NAR reader. */
    private boolean add(String path, Entry entry) {
        if (entry instanceof Entry.Directory directory && !directory.entries().isEmpty()) {
            var prefix = path.isEmpty() ? "" : path + "/";
            return directory.entries().entrySet().stream().allMatch(e -> add(prefix + e.getKey(), e.getValue()));
        }
        entries.put(path, entry);
        characters += path.length();
        return entries.size() <= MAX_FILES && characters <= MAX_CHARACTERS;
    }
}
