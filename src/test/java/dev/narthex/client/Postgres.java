package dev.narthex.client;

import dev.narthex.ops.Database;
import dev.narthex.ops.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A PostgreSQL that no server owns, on a port that stays. It can be cut off in the middle of everything, and comes back. */
final class Postgres implements AutoCloseable {
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final Path folder;
    private final Database database;
    private final List<String> command;
    private Process process;

    private Postgres(Path folder, Database database, List<String> command) {
        this.folder = folder;
        this.database = database;
        this.command = command;
    }

    /** The cluster is made as a server makes its own; then the same programs run without one. */
    static Postgres start(Path folder) throws IOException, InterruptedException {
        Database database;
        String words;
        try (var made = EmbeddedPostgres.start(folder)) {
            database = made.database();
            words = Files.readString(folder.resolve("data/postmaster.opts")).strip();
        }
        var command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "INT"));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("--reuid", "65534", "--regid", "65534", "--clear-groups"));
        }
        command.addAll(List.of("--", "sh", "-c", "exec " + words + " -c max_connections=150"));
        var postgres = new Postgres(folder, database, List.copyOf(command));
        postgres.launch();
        return postgres;
    }

    /** From the thread of the test: what it starts ends when the thread that started it does. */
    private void launch() throws IOException, InterruptedException {
        process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("again.log").toFile()))
                .start();
        long end = System.nanoTime() + LIMIT_NANOS;
        while (!answers()) {
            if (System.nanoTime() > end || !process.isAlive()) {
                throw new AssertionError("PostgreSQL did not start: " + Files.readString(folder.resolve("again.log")));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private boolean answers() {
        try (var rows = new Rows(database)) {
            return rows.number("select 1") == 1;
        } catch (SQLException e) {
            return false;
        }
    }

    Database database() {
        return database;
    }

    /** As {@code pg_ctl stop -m immediate} does: nothing is finished, all connections are cut. */
    void cutOff() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid()))
                .start()
                .waitFor();
        process.waitFor();
    }

    void comeBack() throws IOException, InterruptedException {
        launch();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
