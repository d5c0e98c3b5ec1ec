package dev.narthex.search;

import dev.narthex.catalog.Cursor;
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
 * Where indexes are: a folder for each, with a file that says what it holds. The file is written last, so an index without
 * one is half made, and it is never newer than the index: what is indexed again after a crash is the same.
 */
record IndexFolder(Path root) {
    private static final String CURSOR = "cursor";

    /** A place for a new index; what names it sorts by age. */
    Path fresh() throws IOException {
        Files.createDirectories(root);
        return Files.createDirectory(
                root.resolve("%019d".formatted(System.currentTimeMillis()) + "-" + UUID.randomUUID()));
    }

    /** Complete indexes of this schema, the newest first. */
    List<Path> complete() throws IOException {
        return all().stream()
                .filter(folder -> cursor(folder).isPresent())
                .sorted(Comparator.reverseOrder())
                .toList();
    }

    /** Removes everything but this. */
    void keepOnly(Optional<Path> kept) throws IOException {
        for (var folder : all()) {
            if (!kept.equals(Optional.of(folder))) {
                remove(folder);
            }
        }
    }

    /** How far the index in this folder is; empty if it is not complete or of another schema. */
    static Optional<Cursor> cursor(Path folder) {
        try {
            var file = new Properties();
            file.load(new StringReader(Files.readString(folder.resolve(CURSOR))));
            return file.getProperty("schema", "").equals(Integer.toString(PackageDocument.SCHEMA))
                    ? Optional.of(new Cursor(
                            UUID.fromString(file.getProperty("epoch", "")),
                            Long.parseLong(file.getProperty("seq", ""))))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static void write(Path folder, Cursor cursor) throws IOException {
        var text = "schema=%d%nepoch=%s%nseq=%d%n".formatted(PackageDocument.SCHEMA, cursor.epoch(), cursor.seq());
        var half = Files.writeString(folder.resolve(CURSOR + ".new"), text);
        Files.move(half, folder.resolve(CURSOR), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Whether a folder in use is still there, and nobody else wrote what it holds. */
    static boolean intact(Path folder) {
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
