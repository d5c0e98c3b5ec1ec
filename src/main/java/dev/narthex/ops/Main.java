package dev.narthex.ops;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Takes the data folder, starts the embedded database unless another is configured, runs the application; or one of the commands. */
@QuarkusMain
public final class Main {
    private static final long CLOSE_LIMIT_SECONDS = 60;

    private Main() {}

    public static void main(String... args) throws InterruptedException {
        try {
            if (args.length > 0 && args[0].equals("admin-token")) {
                AdminToken.make(dataFolder());
                return;
            }
            if (args.length > 0 && args[0].equals("snapshot")) {
                SnapshotCommand.run(dataFolder());
                return;
            }
            if (args.length > 0 && args[0].equals("restore")) {
                Restore.run(dataFolder(), args.length > 1 ? args[1] : Restore.LATEST);
                return;
            }
            TrustedProxies.configure();
            var folder = DataFolder.hold(dataFolder());
            System.setProperty("narthex.data", folder.path().toString());
            var postgres = Database.configured() ? null : startDatabase(folder.path());
            var closed = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> await(closed), "await-close"));
            Quarkus.run(null, (code, failure) -> stop(code, failure, postgres, folder, closed), args);
        } catch (StartException | IOException e) {
            fail(e.getMessage());
        }
    }

    private static Path dataFolder() {
        return Path.of(Optional.ofNullable(System.getProperty("narthex.data"))
                .or(() -> Optional.ofNullable(System.getenv("NARTHEX_DATA")))
                .orElseGet(() -> System.getProperty("user.home") + "/.local/share/narthex"));
    }

    private static EmbeddedPostgres startDatabase(Path folder) throws IOException, InterruptedException {
        var postgres = EmbeddedPostgres.start(EmbeddedPostgres.home(folder));
        postgres.database().configure();
        return postgres;
    }

    /** Told to end, the process would else be gone as soon as the application is, while the database still stops. */
    private static void await(CountDownLatch closed) {
        try {
            if (!closed.await(CLOSE_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                say("The database did not stop in time.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs when the application has stopped, so after the connection pool is closed. */
    private static void stop(
            int code,
            @Nullable Throwable failure,
            @Nullable EmbeddedPostgres postgres,
            DataFolder folder,
            CountDownLatch closed) {
        if (failure != null) {
            say("Narthex stopped: " + reason(failure));
        }
        if (postgres != null) {
            postgres.close();
        }
        try {
            folder.close();
        } catch (IOException e) {
            say("The data folder was not released: " + e.getMessage());
        }
        closed.countDown();
        System.exit(code);
    }

    private static String reason(Throwable failure) {
        var cause = failure;
        boolean database = false;
        while (cause.getCause() != null) {
            database |= cause instanceof SQLException;
            cause = cause.getCause();
        }
        return database || cause instanceof SQLException
                ? "the database at " + Database.fromConfiguration() + " cannot be used: " + cause.getMessage()
                : String.valueOf(cause.getMessage());
    }

    private static void fail(@Nullable String message) {
        say(String.valueOf(message));
        System.exit(1);
    }

    /** For the person at the terminal, before and after there is a log. */
    private static void say(String sentence) {
        System.err.println(sentence);
    }
}
