package dev.narthex.ops.snapshot;

import dev.narthex.store.pack.Backend;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.ZoneOffset;

/** The table of restorable snapshots, which pages show, and whose packs the sweep keeps. */
final class SnapshotRows {
    private SnapshotRows() {}

    /** @param days how long the store keeps what the snapshot references, unless it is deleted earlier */
    static void insertSnapshot(Connection connection, SnapshotManifest snapshot, int days) throws SQLException {
        try (var insert = connection.prepareStatement("""
                INSERT INTO snapshot (id, begun_at, ended_at, bytes, rows, until)
                VALUES (?, ?, ?, ?, ?, now() + make_interval(days => ?)) ON CONFLICT (id) DO NOTHING""")) {
            insert.setString(1, snapshot.id());
            insert.setObject(2, snapshot.begunAt().atOffset(ZoneOffset.UTC));
            insert.setObject(3, snapshot.endedAt().atOffset(ZoneOffset.UTC));
            insert.setLong(4, snapshot.bytes());
            insert.setLong(5, snapshot.rows());
            insert.setInt(6, days);
            insert.executeUpdate();
        }
    }

    /**
     * Adds the snapshots in the store after a restore. Unreadable ones are skipped with a warning, since they could not be
     * restored.
     */
    static void insertAll(Connection connection, Backend backend, int days) throws SQLException, IOException {
        for (var id : SnapshotManifest.listIds(backend)) {
            try {
                insertSnapshot(connection, SnapshotManifest.read(backend, id), days);
            } catch (IOException e) {
                System.err.println(e.getMessage());
            }
        }
    }
}
