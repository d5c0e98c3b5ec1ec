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

/** The database and the store of a data folder, for commands: beside a server that runs, or in the place of one that does not. */
final class CommandDatabase {
    private CommandDatabase() {}

    /** What a command does with a database. */
    @FunctionalInterface
    interface Work {
        void on(Database database) throws IOException, SQLException, InterruptedException;
    }

    /** @throws StartException if there is no database yet */
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
     * With no server beside it, and with a new database if there is none.
     *
     * @throws StartException if a server runs
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

    /** The store of a data folder, and the bucket that the environment names. */
    static Backends store(Path folder) throws IOException {
        var all = new ArrayList<Backend>();
        all.add(new DirectoryBackend(folder.resolve("store")));
        S3Backend.configured(folder).ifPresent(all::add);
        var store = new Backends(all, Database.setting("narthex.store"));
        store.check();
        return store;
    }
}
