package dev.narthex.ops;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;

/** The command {@code snapshot}: takes a snapshot now, while a server runs or with the database of a stopped one. */
final class SnapshotCommand {
    private SnapshotCommand() {}

    /** @param dataFolder the data folder */
    static void run(Path dataFolder) throws IOException, InterruptedException {
        var folder = dataFolder.toAbsolutePath().normalize();
        try {
            CommandDatabase.withDatabase(folder, database -> take(folder, database));
        } catch (SQLException e) {
            throw new StartException("The snapshot was not taken: " + e.getMessage());
        }
    }

    private static void take(Path folder, Database database) throws IOException, SQLException {
        try (var connection = CommandDatabase.connect(database)) {
            SnapshotWriter.runExclusively(connection, () -> {
                var manifest =
                        new SnapshotWriter(CommandDatabase.openBackends(folder).writeTarget()).write(connection);
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
