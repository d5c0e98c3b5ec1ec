package dev.narthex.ops;

import dev.narthex.limits.CpuPermits;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.ConfigValidationException;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

/**
 * Locks the data folder, starts the embedded database unless another is configured, and runs the application; or runs one of the
 * commands.
 */
@QuarkusMain
public final class Main {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(60);

    private Main() {}

    public static void main(String... args) throws InterruptedException {
        CpuPermits.useMoreCarriers();
        try {
            Umask.restrict();
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
            var given = Given.read();
            SettingsCheck.require(given);
            TrustedProxies.configure(given);
            Logs.configure(given);
            Traces.configure(given);
            ConnectionExtension.enable();
            var folder = DataFolder.hold(dataFolder());
            System.setProperty("narthex.data", folder.path().toString());
            var postgres = Database.configured() ? null : startDatabase(folder.path());
            var closed = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> await(closed, stopLimit(given)), "await-close"));
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

    /** Returns the time limit for stopping: the limits set for requests, plus that of jobs and database. */
    private static Duration stopLimit(Given given) {
        return Stream.of("narthex.stop.delay", "narthex.stop.limit")
                .map(name -> given.value(name).orElse(Setting.preset(name)))
                .map(DurationConverter::parseDuration)
                .reduce(CLOSE_LIMIT, Duration::plus);
    }

    /** Delays the end of the process on a signal until the database has stopped; otherwise it would end with the application. */
    private static void await(CountDownLatch closed, Duration limit) {
        try {
            if (!closed.await(limit.toSeconds(), TimeUnit.SECONDS)) {
                say("Narthex did not stop in time.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs after the application has stopped and the connection pool is closed. */
    private static void stop(
            int code,
            @Nullable Throwable failure,
            @Nullable EmbeddedPostgres postgres,
            DataFolder folder,
            CountDownLatch closed) {
        if (failure != null) {
            tell(failure);
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

    /** Prints errors that the operator can fix as a message, and bugs with their stack trace. */
    private static void tell(Throwable failure) {
        say("Narthex stopped: " + reason(failure));
        if (causes(failure).noneMatch(Main::explained)) {
            failure.printStackTrace();
        }
    }

    private static boolean explained(Throwable cause) {
        return cause instanceof StartException
                || cause instanceof SQLException
                || cause instanceof FlywayException
                || cause instanceof BindException
                || cause instanceof ConfigurationException
                || cause instanceof ConfigValidationException;
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
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

    /** Prints to the terminal, for messages before and after logging is available. */
    private static void say(String sentence) {
        System.err.println(sentence);
    }
}
