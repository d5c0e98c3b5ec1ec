package dev.narthex.web.files;

import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the files to which a readme refers. Its links are relative to its folder in the source repository, which is unknown. The
 * lookup therefore tries the path as written, then below the only top-level folder, then the shallowest file whose path ends with
 * it.
 */
public final class ReadmeFileIndex {
    private static final Comparator<String> SHALLOWEST = Comparator.comparingLong(
                    (String path) -> path.chars().filter(c -> c == '/').count())
            .thenComparing(Comparator.naturalOrder());

    /**
     * Maximum number of indexed files. Readmes rarely refer to files of larger trees, whose index would need as much memory as the
     * listing.
     */
    private static final int MAX_FILES = 20_000;

    private final NarListing listing;
    private final Map<String, List<String>> byName = new HashMap<>();

    public ReadmeFileIndex(NarListing listing) {
        this.listing = listing;
        if (listing.root() instanceof Entry.Directory root) {
            index(root);
        }
    }

    /** Indexes the files breadth-first, so that the deepest ones are left out. */
    private void index(Entry.Directory root) {
        var folders = new ArrayDeque<Folder>();
        folders.add(new Folder("", root));
        for (int files = 0; !folders.isEmpty() && files < MAX_FILES; ) {
            var folder = folders.remove();
            for (var entry : folder.directory.entries().entrySet()) {
                var path = folder.prefix + entry.getKey();
                if (entry.getValue() instanceof Entry.Directory below) {
                    folders.add(new Folder(path + "/", below));
                } else if (entry.getValue() instanceof Entry.Regular && files++ < MAX_FILES) {
                    byName.computeIfAbsent(entry.getKey(), key -> new ArrayList<>())
                            .add(path);
                }
            }
        }
    }

    private record Folder(String prefix, Entry.Directory directory) {}

    /** Returns the path of the file from the root; empty if there is no such file. */
    public Optional<String> find(String path) {
        if (listing.find(path).isPresent()) {
            return Optional.of(path);
        }
        return withoutTopFolder(path)
                .or(() -> byName.getOrDefault(name(path), List.of()).stream()
                        .filter(other -> other.endsWith("/" + path))
                        .min(SHALLOWEST));
    }

    private Optional<String> withoutTopFolder(String path) {
        return listing.root() instanceof Entry.Directory root && root.entries().size() == 1
                ? Optional.of(root.entries().firstKey() + "/" + path)
                        .filter(below -> listing.find(below).isPresent())
                : Optional.empty();
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
