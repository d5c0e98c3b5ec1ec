package dev.narthex.ops.snapshot;

import dev.narthex.ops.postgres.DatabaseLocation;
import dev.narthex.ops.postgres.OfflineDatabase;
import dev.narthex.ops.settings.StartException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;

/** The command {@code snapshot}: takes a snapshot now, while a server runs or with the database of a stopped one. */
public final class SnapshotCommand {
    private SnapshotCommand() {}

    /** @param dataFolder the data folder */
    public static void run(Path dataFolder) throws IOException, InterruptedException {
        var folder = dataFolder.toAbsolutePath().normalize();
        try {
            OfflineDatabase.withDatabase(folder, database -> take(folder, database));
        } catch (SQLException e) {
            throw new StartException("The snapshot was not taken: " + e.getMessage());
        }
    }

    private static void take(Path folder, DatabaseLocation database) throws IOException, SQLException {
        try (var connection = OfflineDatabase.connect(database)) {
            SnapshotWriter.runExclusively(connection, () -> {
                var manifest =
                        new SnapshotWriter(OfflineDatabase.openBackends(folder).writeTarget()).write(connection);
                SnapshotRows.insertSnapshot(connection, manifest, SnapshotConfig.KEEP_DAYS);
                System.out.printf(
                        Locale.ROOT,
                        "Snapshot %s: %,d rows of %d tables in %,d bytes.%n",
                        manifest.id(),
                        manifest.rows(),
                        manifest.tables().size(),
                        manifest.bytes());
            });
        }
    }
}
