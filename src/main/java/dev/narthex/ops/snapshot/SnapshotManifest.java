package dev.narthex.ops.snapshot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.SnapshotKey;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * The manifest of a snapshot. It is written last: a snapshot without it is incomplete and not used.
 *
 * @param begun time of the database state, in ISO 8601
 * @param schema version of the last migration
 * @param change sequence number of the last change
 * @param tables in the order in which they are restored: each after the tables that it references
 */
record SnapshotManifest(
        String id, String begun, String ended, String schema, String epoch, long change, List<TableEntry> tables) {
    static final String FILE_NAME = "manifest.json";
    private static final int MAX_BYTES = 1 << 20;
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * A table of the snapshot.
     *
     * @param bytes compressed size in the store
     * @param sha256 SHA-256 of the COPY output before compression, hexadecimal
     */
    record TableEntry(String name, List<String> columns, long rows, long bytes, String sha256) {
        SnapshotKey key(String snapshot) {
            return new SnapshotKey(snapshot, name + ".zst");
        }
    }

    Instant begunAt() {
        return Instant.parse(begun);
    }

    Instant endedAt() {
        return Instant.parse(ended);
    }

    long bytes() {
        return tables.stream().mapToLong(TableEntry::bytes).sum();
    }

    long rows() {
        return tables.stream().mapToLong(TableEntry::rows).sum();
    }

    void write(Backend backend) throws IOException {
        var text = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
        try (var writer = backend.openWriter(new SnapshotKey(id, FILE_NAME))) {
            writer.write(text, 0, text.length);
            writer.commit();
        }
    }

    /** Reads the manifest of an existing snapshot. */
    static SnapshotManifest read(Backend backend, String id) throws IOException {
        var key = new SnapshotKey(id, FILE_NAME);
        long size = backend.size(key).orElseThrow(() -> new IOException("There is no snapshot " + id + "."));
        if (size > MAX_BYTES) {
            throw new IOException("The manifest of snapshot " + id + " is too large to be one.");
        }
        try (var in = backend.open(key, 0, size)) {
            return JSON.readValue(in, SnapshotManifest.class);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    "The manifest of snapshot " + id + " is damaged. Choose another one with --snapshot.", e);
        }
    }

    /** Lists the ids of complete snapshots, newest first. */
    static List<String> listIds(Backend backend) throws IOException {
        try (var objects = backend.list(SnapshotKey.FOLDER)) {
            return objects.flatMap(object -> SnapshotKey.parse(object.path()).stream())
                    .filter(key -> key.name().equals(FILE_NAME))
                    .map(SnapshotKey::snapshot)
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }
}
