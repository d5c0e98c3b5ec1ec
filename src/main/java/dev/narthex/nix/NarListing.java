package dev.narthex.nix;

import dev.narthex.problem.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The entries of a NAR and their offsets, the content of a {@code .ls} file. Names and targets are {@link
 * SurrogateEscapedText}: names that
 * are not UTF-8 keep their bytes, in lookups and in JSON.
 */
public record NarListing(Entry root) {
    /** A file, a directory or a link. */
    public sealed interface Entry {
        /** @param entries entries by name, ordered by bytes */
        record Directory(SortedMap<String, Entry> entries) implements Entry {
            public Directory {
                var sorted = new TreeMap<String, Entry>(SurrogateEscapedText.BYTE_ORDER);
                sorted.putAll(entries);
                entries = Collections.unmodifiableSortedMap(sorted);
            }
        }

        /**
         * @param size in bytes
         * @param narOffset offset of the first content byte in the uncompressed archive
         */
        record Regular(boolean executable, long size, long narOffset) implements Entry {}

        /** @param target as in the archive; must never be followed outside the listing */
        record Symlink(String target) implements Entry {}
    }

    /** Parses a listing of version 1. */
    public static NarListing parse(String json) {
        return ListingJson.parse(json);
    }

    public String json() {
        var out = new ByteArrayOutputStream();
        try {
            writeJson(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Writes exactly what Nix writes: sorted keys, no whitespace. */
    public void writeJson(OutputStream out) throws IOException {
        ListingJson.write(this, out);
    }

    /**
     * Finds the entry at a path such as {@code lib/node_modules}; the empty path is the root. The path may end but not start
     * with a slash. Links are not followed, and {@code .} and {@code ..} are never found.
     */
    public Optional<Entry> find(String path) {
        Entry current = root;
        for (int from = 0; from < path.length(); ) {
            int slash = path.indexOf('/', from);
            int end = slash < 0 ? path.length() : slash;
            if (!(current instanceof Entry.Directory directory)) {
                return Optional.empty();
            }
            var next = directory.entries().get(path.substring(from, end));
            if (next == null) {
                return Optional.empty();
            }
            current = next;
            from = end + 1;
        }
        return Optional.of(current);
    }

    /** Returns all regular files by path without a leading slash, in archive order; if the root is a file, its path is empty. */
    public Map<String, Entry.Regular> files() {
        var files = new LinkedHashMap<String, Entry.Regular>();
        collect("", root, files);
        return files;
    }

    private static void collect(String path, Entry entry, Map<String, Entry.Regular> files) {
        switch (entry) {
            case Entry.Regular file -> files.put(path, file);
            case Entry.Symlink link -> {}
            case Entry.Directory directory ->
                directory
                        .entries()
                        .forEach((name, child) -> collect(path.isEmpty() ? name : path + "/" + name, child, files));
        }
    }

    /** Builds the listing while {@link NarReader} reads an archive. Memory grows with the number of entries. */
    public static final class Builder implements NarVisitor {
        private final Deque<OpenDirectory> openDirectories = new ArrayDeque<>();
        private Optional<Entry> root = Optional.empty();

        /** Returns the listing. Call it after the whole archive has been read. */
        public NarListing build() {
            return new NarListing(root.orElseThrow(() -> Problem.malformed("NAR", "", "the archive has no end.")));
        }

        @Override
        public void directory(byte[] name, int depth) {
            openDirectories.push(new OpenDirectory(
                    SurrogateEscapedText.decode(name), new TreeMap<>(SurrogateEscapedText.BYTE_ORDER)));
        }

        @Override
        public void regular(byte[] name, int depth, boolean executable, long size, long offset) {
            add(SurrogateEscapedText.decode(name), new Entry.Regular(executable, size, offset));
        }

        @Override
        public void symlink(byte[] name, int depth, byte[] target) {
            add(SurrogateEscapedText.decode(name), new Entry.Symlink(SurrogateEscapedText.decode(target)));
        }

        @Override
        public void endDirectory() {
            var directory = openDirectories.pop();
            add(directory.name, new Entry.Directory(directory.entries));
        }

        private void add(String name, Entry entry) {
            if (openDirectories.isEmpty()) {
                root = Optional.of(entry);
            } else {
                openDirectories.element().entries.put(name, entry);
            }
        }

        private record OpenDirectory(String name, TreeMap<String, Entry> entries) {}
    }
}
