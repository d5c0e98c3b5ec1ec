package dev.narthex.search;

import dev.narthex.catalog.change.ChangeLogCursor;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

/**
 * The folder in which indexes are stored: one subfolder per index, with a cursor file that records the position in the change
 * log. The cursor is written last, so an index without one is incomplete, and the cursor is never ahead of the index; changes
 * indexed again after a crash have no effect.
 */
record IndexFolder(Path root) {
    private static final String CURSOR = "cursor";

    /** Creates a folder for a new index. Folder names sort by age. */
    Path create() throws IOException {
        Files.createDirectories(root);
        return Files.createDirectory(
                root.resolve("%019d".formatted(System.currentTimeMillis()) + "-" + UUID.randomUUID()));
    }

    /** Returns the complete indexes of the current schema, newest first. */
    List<Path> listComplete() throws IOException {
        return all().stream()
                .filter(folder -> cursor(folder).isPresent())
                .sorted(Comparator.reverseOrder())
                .toList();
    }

    /** Removes all indexes except this one. */
    void keepOnly(Optional<Path> kept) throws IOException {
        for (var folder : all()) {
            if (!kept.equals(Optional.of(folder))) {
                remove(folder);
            }
        }
    }

    /** Reads the position of an index in the change log; empty if the index is incomplete or has another schema. */
    static Optional<ChangeLogCursor> cursor(Path folder) {
        try {
            var file = new Properties();
            file.load(new StringReader(Files.readString(folder.resolve(CURSOR))));
            return file.getProperty("schema", "").equals(Integer.toString(PackageDocument.SCHEMA))
                    ? Optional.of(new ChangeLogCursor(
                            UUID.fromString(file.getProperty("epoch", "")),
                            Long.parseLong(file.getProperty("seq", ""))))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static void write(Path folder, ChangeLogCursor cursor) throws IOException {
        var text = "schema=%d%nepoch=%s%nseq=%d%n".formatted(PackageDocument.SCHEMA, cursor.epoch(), cursor.seq());
        var half = Files.writeString(folder.resolve(CURSOR + ".new"), text);
        Files.move(half, folder.resolve(CURSOR), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Returns whether the folder of an open index still exists and has a valid cursor of the current schema. */
    static boolean isIntact(Path folder) {
        return cursor(folder).isPresent();
    }

    private List<Path> all() throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (var folders = Files.list(root)) {
            return folders.toList();
        }
    }

    private static void remove(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
