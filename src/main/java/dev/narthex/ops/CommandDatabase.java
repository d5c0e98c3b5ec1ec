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
    interface Work {
        void on(Database database) throws IOException, SQLException, InterruptedException;
    }

    /**
     * Runs the work with the database of the data folder; starts the embedded one if no server runs.
     *
     * @throws StartException if there is no database yet
     */
    static void use(Path folder, Work work) throws IOException, SQLException, InterruptedException {
        if (Database.configured()) {
            work.on(Database.fromConfiguration());
            return;
        }
        var home = EmbeddedPostgres.home(folder);
        if (!Files.exists(home)) {
            throw new StartException("There is no Narthex in " + folder
                    + " yet. Start it: the first start makes its database. Another folder is named with --data.");
        }
        var running = EmbeddedPostgres.running(home);
        if (running.isPresent()) {
            work.on(running.get());
        } else {
            alone(folder, work);
        }
    }

    /**
     * Runs the work while holding the data folder. Creates the embedded database if there is none.
     *
     * @throws StartException if a server uses this data folder
     */
    static void alone(Path folder, Work work) throws IOException, SQLException, InterruptedException {
        try (var held = DataFolder.hold(folder)) {
            if (Database.configured()) {
                work.on(Database.fromConfiguration());
                return;
            }
            try (var postgres = EmbeddedPostgres.start(EmbeddedPostgres.home(held.path()))) {
                work.on(postgres.database());
            }
        }
    }

    static Connection connect(Database database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }

    /** Opens the stores: the one in the data folder, and the bucket that the environment configures. */
    static Backends store(Path folder) throws IOException {
        var all = new ArrayList<Backend>();
        all.add(new DirectoryBackend(folder.resolve("store")));
        S3Backend.configured(folder).ifPresent(all::add);
        var store = new Backends(all, Database.setting("narthex.store"));
        store.check();
        return store;
    }
}
