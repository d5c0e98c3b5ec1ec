package dev.narthex.ops;

import dev.narthex.store.Backend;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.ZoneOffset;

/** The table snapshot: what can be restored, so that pages tell it and the sweep spares what it names. */
final class SnapshotRows {
    private SnapshotRows() {}

    /** @param days so long the store keeps what it names, unless it goes before */
    static void enter(Connection connection, Manifest snapshot, int days) throws SQLException {
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

    /** After a restore, from what is in the store; one that cannot be read could not be restored either. */
    static void enterAll(Connection connection, Backend backend, int days) throws SQLException, IOException {
        for (var id : Manifest.ids(backend)) {
            try {
                enter(connection, Manifest.read(backend, id), days);
            } catch (IOException e) {
                System.err.println(e.getMessage());
            }
        }
    }
}
