package dev.narthex.ops.start;

import dev.narthex.limits.CpuPermits;
import dev.narthex.ops.connections.ConnectionTimeoutsExtension;
import dev.narthex.ops.observe.TraceRecorder;
import dev.narthex.ops.postgres.DataFolder;
import dev.narthex.ops.postgres.DatabaseLocation;
import dev.narthex.ops.postgres.EmbeddedPostgres;
import dev.narthex.ops.settings.RawConfiguration;
import dev.narthex.ops.settings.SettingsCheck;
import dev.narthex.ops.settings.StartException;
import dev.narthex.ops.settings.TrustedProxies;
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
 * {@link Commands}.
 */
@QuarkusMain
public final class Main {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(60);

    private Main() {}

    public static void main(String... args) throws InterruptedException {
        ProcessUmask.restrict();
        if (args.length > 0) {
            System.exit(Commands.run(args));
        }
        CpuPermits.useMoreCarriers();
        try {
            var configuration = RawConfiguration.read();
            SettingsCheck.require(configuration);
            PortCheck.require(configuration);
            TrustedProxies.configure(configuration);
            LogFormat.configure(configuration);
            TraceRecorder.configure(configuration);
            ConnectionTimeoutsExtension.enable();
            var folder = DataFolder.lock(dataFolder());
            System.setProperty("narthex.data", folder.path().toString());
            var postgres = DatabaseLocation.isConfigured() ? null : startDatabase(folder.path());
            var closed = new CountDownLatch(1);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> await(closed, stopTimeout(configuration)), "await-close"));
            Quarkus.run(null, (code, failure) -> stop(code, failure, postgres, folder, closed), args);
        } catch (StartException | IOException e) {
            fail(e.getMessage());
        }
    }

    static Path dataFolder() {
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
    private static Duration stopTimeout(RawConfiguration configuration) {
        return Stream.of("narthex.stop.delay", "narthex.stop.limit")
                .map(configuration::valueOrDefault)
                .map(DurationConverter::parseDuration)
                .reduce(CLOSE_TIMEOUT, Duration::plus);
    }

    /** Delays the end of the process on a signal until the database has stopped; otherwise it would end with the application. */
    private static void await(CountDownLatch closed, Duration timeout) {
        try {
            if (!closed.await(timeout.toSeconds(), TimeUnit.SECONDS)) {
                print("Narthex did not stop in time.");
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
            report(failure);
        }
        if (postgres != null) {
            postgres.close();
        }
        try {
            folder.close();
        } catch (IOException e) {
            print("The data folder was not released: " + e.getMessage());
        }
        closed.countDown();
        System.exit(code);
    }

    /** Prints errors that the operator can fix as a message, and bugs with their stack trace. */
    private static void report(Throwable failure) {
        print("Narthex stopped: " + describe(failure));
        if (causes(failure).noneMatch(Main::isOperatorError)) {
            failure.printStackTrace();
        }
    }

    private static boolean isOperatorError(Throwable cause) {
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

    private static String describe(Throwable failure) {
        var cause = failure;
        boolean isDatabaseError = false;
        while (cause.getCause() != null) {
            isDatabaseError |= cause instanceof SQLException;
            cause = cause.getCause();
        }
        return isDatabaseError || cause instanceof SQLException
                ? "the database at " + DatabaseLocation.fromConfiguration() + " cannot be used: " + cause.getMessage()
                : String.valueOf(cause.getMessage());
    }

    private static void fail(@Nullable String message) {
        print(String.valueOf(message));
        System.exit(1);
    }

    /** Prints to the terminal, for messages before and after logging is available. */
    private static void print(String message) {
        System.err.println(message);
    }
}
