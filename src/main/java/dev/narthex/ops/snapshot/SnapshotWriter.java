package dev.narthex.ops.snapshot;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.SnapshotKey;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import org.postgresql.PGConnection;

/**
 * Writes a snapshot of the database into the store: each table by COPY, in one transaction with a consistent view, compressed and
 * streamed. Secrets are included as they are in the database: wrapped or hashed.
 */
final class SnapshotWriter {
    private static final DateTimeFormatter ID_FORMAT =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int COMPRESSION_LEVEL = 3;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Backend backend;

    SnapshotWriter(Backend backend) {
        this.backend = backend;
    }

    /** Work on snapshots that needs exclusive access to them. */
    @FunctionalInterface
    interface ExclusiveAction {
        void run() throws SQLException, IOException;
    }

    /** Runs the work once no other process takes or deletes snapshots. */
    static void runExclusively(Connection connection, ExclusiveAction action) throws SQLException, IOException {
        lock(connection, "pg_advisory_lock");
        try {
            action.run();
        } finally {
            lock(connection, "pg_advisory_unlock");
        }
    }

    private static void lock(Connection connection, String function) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("SELECT " + function + "(hashtext('narthex snapshot'))");
        }
    }

    /**
     * Writes a snapshot; it is complete when this method returns. Call it inside {@link #runExclusively}.
     *
     * @param connection without an open transaction; its settings are restored
     * @throws IOException if the store cannot be written; the incomplete snapshot is deleted later
     */
    SnapshotManifest write(Connection connection) throws SQLException, IOException {
        int isolation = connection.getTransactionIsolation();
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try {
            var manifest = writeTables(connection);
            manifest.write(backend);
            return manifest;
        } finally {
            connection.rollback();
            connection.setTransactionIsolation(isolation);
            connection.setAutoCommit(true);
        }
    }

    private SnapshotManifest writeTables(Connection connection) throws SQLException, IOException {
        // the first statement determines the state that the transaction sees
        try (var select = connection.prepareStatement("SELECT clock_timestamp(), h.epoch::text, h.seq,"
                        + " (SELECT version FROM flyway_schema_history WHERE success AND version IS NOT NULL"
                        + " ORDER BY string_to_array(version, '.')::int[] DESC LIMIT 1) FROM change_head h");
                var row = select.executeQuery()) {
            row.next();
            var startedAt = row.getObject(1, OffsetDateTime.class).toInstant();
            var id = ID_FORMAT.format(startedAt) + "-" + HexFormat.of().toHexDigits((short) RANDOM.nextInt());
            var tables = new ArrayList<SnapshotManifest.TableEntry>();
            for (var table : SnapshotTables.list(connection)) {
                tables.add(copyTable(connection, id, table));
            }
            return new SnapshotManifest(
                    id,
                    startedAt.toString(),
                    Instant.now().toString(),
                    row.getString(4),
                    row.getString(2),
                    row.getLong(3),
                    tables);
        }
    }

    private SnapshotManifest.TableEntry copyTable(Connection connection, String id, SnapshotTables.TableColumns table)
            throws SQLException, IOException {
        var key = new SnapshotKey(id, table.name() + ".zst");
        var sha256 = HashAlgorithm.SHA256.newDigest();
        try (var writer = backend.openWriter(key)) {
            var output = new CountingOutputStream(writer);
            long rows;
            try (var zstd = new ZstdOutputStreamNoFinalizer(
                    new BufferedOutputStream(output, BUFFER_BYTES), COMPRESSION_LEVEL)) {
                zstd.setChecksum(true);
                var out = new DigestOutputStream(new BufferedOutputStream(zstd, BUFFER_BYTES), sha256);
                rows = connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyOut("COPY " + table.columnsText() + " TO STDOUT", out);
                out.flush();
            }
            writer.commit();
            return new SnapshotManifest.TableEntry(
                    table.name(),
                    table.columns(),
                    rows,
                    output.bytes,
                    HexFormat.of().formatHex(sha256.digest()));
        }
    }

    private static final class CountingOutputStream extends OutputStream {
        private final Backend.Writer writer;
        private long bytes;

        CountingOutputStream(Backend.Writer writer) {
            this.writer = writer;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            writer.write(b, off, len);
            bytes += len;
        }
    }
}
