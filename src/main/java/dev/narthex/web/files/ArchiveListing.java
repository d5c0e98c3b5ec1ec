package dev.narthex.web.files;

import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Builds a listing from the entry names of an archive. Names are untrusted: those that contain {@code ..} segments or conflict
 * with other entries are skipped. {@code narOffset} of an entry holds its position in the archive, counted in entries.
 */
final class ArchiveListing {
    private static final int MAX_DEPTH = 60;

    private final Folder root = new Folder();

    private static final class Folder {
        private final Map<String, Folder> folders = new HashMap<>();
        private final Map<String, Entry> entries = new HashMap<>();
    }

    void file(String name, boolean executable, long size, int place) {
        add(name, new Entry.Regular(executable, size, place));
    }

    void link(String name, String target) {
        add(name, new Entry.Symlink(target));
    }

    /** Returns the listing; empty if no entry was added. */
    Optional<NarListing> build() {
        return root.folders.isEmpty() && root.entries.isEmpty()
                ? Optional.empty()
                : Optional.of(new NarListing(directory(root)));
    }

    private void add(String name, Entry entry) {
        var segments = name.replaceFirst("^(?:\\./)+", "").split("/");
        if (segments.length > MAX_DEPTH || segments.length == 0) {
            return;
        }
        var at = root;
        for (int i = 0; i < segments.length - 1; i++) {
            if (!fits(segments[i]) || at.entries.containsKey(segments[i])) {
                return;
            }
            at = at.folders.computeIfAbsent(segments[i], key -> new Folder());
        }
        var last = segments[segments.length - 1];
        if (fits(last) && !at.folders.containsKey(last)) {
            at.entries.put(last, entry);
        }
    }

    private static boolean fits(String segment) {
        return !segment.isEmpty() && !segment.equals(".") && !segment.equals("..") && segment.indexOf('\0') < 0;
    }

    /** Recursive, at most {@link #MAX_DEPTH} levels. */
    private static Entry.Directory directory(Folder folder) {
        var entries = new TreeMap<String, Entry>(folder.entries);
        folder.folders.forEach((name, child) -> entries.put(name, directory(child)));
        return new Entry.Directory(entries);
    }
}
