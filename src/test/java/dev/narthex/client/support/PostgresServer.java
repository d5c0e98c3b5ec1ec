package dev.narthex.client.support;

import dev.narthex.ops.postgres.DatabaseLocation;
import dev.narthex.ops.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A PostgreSQL outside of any server, on a fixed port. It can be stopped abruptly and started again. */
public final class PostgresServer implements AutoCloseable {
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final Path folder;
    private final DatabaseLocation database;
    private final List<String> command;
    private Process process;

    private PostgresServer(Path folder, DatabaseLocation database, List<String> command) {
        this.folder = folder;
        this.database = database;
        this.command = command;
    }

    /** The cluster is created like that of a server; then the same programs run it. */
    static PostgresServer start(Path folder) throws IOException, InterruptedException {
        DatabaseLocation database;
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
        var postgres = new PostgresServer(folder, database, List.copyOf(command));
        postgres.launch();
        return postgres;
    }

    /** Called on the thread of the test, because the process ends with the thread that started it. */
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
        try (var rows = new ServerDatabase(database)) {
            return rows.number("select 1") == 1;
        } catch (SQLException e) {
            return false;
        }
    }

    DatabaseLocation database() {
        return database;
    }

    /** Like {@code pg_ctl stop -m immediate}: transactions are aborted and connections closed. */
    public void cutOff() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid()))
                .start()
                .waitFor();
        process.waitFor();
    }

    public void comeBack() throws IOException, InterruptedException {
        launch();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
