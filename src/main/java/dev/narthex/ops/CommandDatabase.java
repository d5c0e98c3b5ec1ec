package dev.narthex.ops;

import dev.narthex.store.Backend;
import dev.narthex.store.Backends;
import dev.narthex.store.directory.DirectoryBackend;
import dev.narthex.store.s3.S3Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;

/** Opens the database and the store of a data folder for commands, while a server runs or instead of it. */
final class CommandDatabase {
    private CommandDatabase() {}

    /** Work to do with a database. */
    @FunctionalInterface
    interface DatabaseAction {
        void run(Database database) throws IOException, SQLException, InterruptedException;
    }

    /**
     * Runs the work with the database of the data folder; starts the embedded one if no server runs.
     *
     * @throws StartException if there is no database yet
     */
    static void withDatabase(Path folder, DatabaseAction action)
            throws IOException, SQLException, InterruptedException {
        if (Database.isConfigured()) {
            action.run(Database.fromConfiguration());
            return;
        }
        var home = EmbeddedPostgres.home(folder);
        if (!Files.exists(home)) {
            throw new StartException("There is no Narthex in " + folder
                    + " yet. Start it: the first start makes its database. Another folder is named with --data.");
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
    static void withExclusiveDatabase(Path folder, DatabaseAction action)
            throws IOException, SQLException, InterruptedException {
        try (var dataFolder = DataFolder.lock(folder)) {
            if (Database.isConfigured()) {
                action.run(Database.fromConfiguration());
                return;
            }
            try (var postgres = EmbeddedPostgres.start(EmbeddedPostgres.home(dataFolder.path()))) {
                action.run(postgres.database());
            }
        }
    }

    static Connection connect(Database database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }

    /** Opens the stores: the one in the data folder, and the bucket that the environment configures. */
    static Backends openBackends(Path folder) throws IOException {
        var available = new ArrayList<Backend>();
        available.add(new DirectoryBackend(folder.resolve("store")));
        S3Backend.fromSettings(folder).ifPresent(available::add);
        var backends = new Backends(available, Database.findSetting("narthex.store"));
        backends.check();
        return backends;
    }
}
