package dev.narthex.ops.postgres;

import dev.narthex.ops.settings.StartException;
import dev.narthex.store.directory.DirectoryBackend;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.s3.S3Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;

/** Opens the database and the store of a data folder for commands, while a server runs or instead of it. */
public final class OfflineDatabase {
    private OfflineDatabase() {}

    /** Work to do with a database. */
    @FunctionalInterface
    public interface DatabaseAction {
        void run(DatabaseLocation database) throws IOException, SQLException, InterruptedException;
    }

    /**
     * Runs the work with the database of the data folder; starts the embedded one if no server runs.
     *
     * @throws StartException if there is no database yet
     */
    public static void withDatabase(Path folder, DatabaseAction action)
            throws IOException, SQLException, InterruptedException {
        if (DatabaseLocation.isConfigured()) {
            action.run(DatabaseLocation.fromConfiguration());
            return;
        }
        var home = EmbeddedPostgres.home(folder);
        if (!Files.exists(home)) {
            throw new StartException("There is no Narthex in " + folder
                    + " yet. Start it: the first start creates its database. Choose another folder with --data.");
        }
        var running = EmbeddedPostgres.findRunning(home);
        if (running.isPresent()) {
            action.run(running.get());
        } else {
            withExclusiveDatabase(folder, action);
        }
    }

    /**
     * Runs the work while holding the data folder. Creates the embedded database if there is none.
     *
     * @throws StartException if a server uses this data folder
     */
    public static void withExclusiveDatabase(Path folder, DatabaseAction action)
            throws IOException, SQLException, InterruptedException {
        try (var dataFolder = DataFolder.lock(folder)) {
            if (DatabaseLocation.isConfigured()) {
                action.run(DatabaseLocation.fromConfiguration());
                return;
            }
            try (var postgres = EmbeddedPostgres.start(EmbeddedPostgres.home(dataFolder.path()))) {
                action.run(postgres.database());
            }
        }
    }

    public static Connection connect(DatabaseLocation database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }

    /** Opens the stores: the one in the data folder, and the bucket that the environment configures. */
    public static ConfiguredBackends openBackends(Path folder) throws IOException {
        var available = new ArrayList<Backend>();
        available.add(new DirectoryBackend(folder.resolve("store")));
        S3Backend.fromSettings(folder).ifPresent(available::add);
        var backends = new ConfiguredBackends(available, DatabaseLocation.findSetting("narthex.store"));
        backends.check();
        return backends;
    }
}
