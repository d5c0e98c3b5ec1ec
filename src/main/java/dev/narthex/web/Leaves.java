package dev.narthex.web;

import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a tree holds, flat: files, links and empty directories by their paths, in the order of the listing. */
final class Leaves {
    /** Of larger trees paths alone would take more memory than a page may. */
    private static final int MOST = 100_000;

    /** Each path repeats the names of all folders above it, which a listing has but once. */
    private static final int MOST_CHARACTERS = 16 << 20;

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private int characters;

    private Leaves() {}

    /** Empty if they are too many, or their paths too long. */
    static Optional<Map<String, Entry>> of(NarListing listing) {
        var leaves = new Leaves();
        return leaves.add("", listing.root()) ? Optional.of(leaves.entries) : Optional.empty();
    }

    /** A NAR is no deeper than its reader allows, so this may call itself. */
    private boolean add(String path, Entry entry) {
        if (entry instanceof Entry.Directory directory && !directory.entries().isEmpty()) {
            var prefix = path.isEmpty() ? "" : path + "/";
            return directory.entries().entrySet().stream().allMatch(e -> add(prefix + e.getKey(), e.getValue()));
        }
        entries.put(path, entry);
        characters += path.length();
        return entries.size() <= MOST && characters <= MOST_CHARACTERS;
    }
}
