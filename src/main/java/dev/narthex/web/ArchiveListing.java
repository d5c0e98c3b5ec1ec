package dev.narthex.web;

import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Makes a listing from an archive's names, which are untrusted: those that would lead out, or that fit no tree, are left out.
 * The place of a file in the archive stands where a NAR listing has an offset.
 */
final class ArchiveListing {
    private static final int DEEPEST = 60;

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

    /** Empty if nothing was added. */
    Optional<NarListing> build() {
        return root.folders.isEmpty() && root.entries.isEmpty()
                ? Optional.empty()
                : Optional.of(new NarListing(directory(root)));
    }

    private void add(String name, Entry entry) {
        var segments = name.replaceFirst("^(?:\\./)+", "").split("/");
        if (segments.length > DEEPEST || segments.length == 0) {
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

    /** Recursion no deeper than {@link #DEEPEST}. */
    private static Entry.Directory directory(Folder folder) {
        var entries = new TreeMap<String, Entry>(folder.entries);
        folder.folders.forEach((name, child) -> entries.put(name, directory(child)));
        return new Entry.Directory(entries);
    }
}
