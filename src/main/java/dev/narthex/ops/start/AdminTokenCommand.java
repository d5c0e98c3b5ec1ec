package dev.narthex.ops.start;

import dev.narthex.access.GeneratedToken;
import dev.narthex.ops.postgres.DataFolder;
import dev.narthex.ops.postgres.DatabaseLocation;
import dev.narthex.ops.postgres.EmbeddedPostgres;
import dev.narthex.ops.settings.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * The command {@code admin-token}: creates an admin token when the others were lost. This is no escalation: a user who can read the
 * data folder has full access anyway. Only the database is needed, so the command inserts the row itself, while a server runs or
 * with the database of a stopped one.
 */
final class AdminTokenCommand {
    private static final String LABEL = "admin-token command";

    private final Path folder;

    private AdminTokenCommand(Path folder) {
        this.folder = folder;
    }

    /** @param folder the data folder */
    static void run(Path folder) throws IOException, InterruptedException {
        var command = new AdminTokenCommand(folder.toAbsolutePath().normalize());
        var token = GeneratedToken.admin();
        if (DatabaseLocation.isConfigured()) {
            command.insertToken(token, DatabaseLocation.fromConfiguration());
        } else {
            command.insertTokenEmbedded(token);
        }
        System.out.println("A new admin token, also in " + folder.resolve("admin-token")
                + ". Older ones stay valid until they are revoked.");
        System.out.println(token.text());
    }

    private void insertTokenEmbedded(GeneratedToken token) throws IOException, InterruptedException {
        var home = EmbeddedPostgres.home(folder);
        if (!Files.exists(home)) {
            throw new StartException("There is no Narthex in " + folder
                    + " yet. Start it: the first start creates an admin token. Choose another folder with --data.");
        }
        var running = EmbeddedPostgres.findRunning(home);
        if (running.isPresent()) {
            insertToken(token, running.get());
            return;
        }
        try (var dataFolder = DataFolder.lock(folder);
                var postgres = EmbeddedPostgres.start(home)) {
            insertToken(token, postgres.database());
        }
    }

    /** Inserts the row first, so that the file of the old token is only replaced by a valid one. */
    private void insertToken(GeneratedToken token, DatabaseLocation database) throws IOException {
        try (var connection = DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                var insert = connection.prepareStatement("""
                with made as (
                  insert into token (hash, label, scope) values (decode(?, 'hex'), ?, cast(? as jsonb)) returning id)
                insert into audit (actor, via, action, object, allowed)
                select 'command line', 'command line', 'create token', 'token:' || id, true from made""")) {
            insert.setString(1, token.hash());
            insert.setString(2, LABEL);
            insert.setString(3, token.scope());
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new StartException("The database at " + database.redactedUrl() + " cannot be used: " + e.getMessage()
                    + ". A server must have been started once.");
        }
        if (Files.isDirectory(folder)) {
            DataFolder.writeSecret(folder.resolve("admin-token"), token.text() + "\n");
        }
    }
}
