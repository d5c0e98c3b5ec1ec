package dev.narthex.ops;

import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Readiness check: without the database, no request can be served. It has a short timeout of 3 s, so that probes fail fast. */
@Readiness
class DatabaseHealth implements HealthCheck {
    private static final int LIMIT_SECONDS = 3;

    private final DataSource database;

    DatabaseHealth(DataSource database) {
        this.database = database;
    }

    @Override
    public HealthCheckResponse call() {
        var failure = failure();
        var answer = HealthCheckResponse.named("database").status(failure.isEmpty());
        failure.ifPresent(why -> answer.withData("reason", why));
        return answer.build();
    }

    private Optional<String> failure() {
        var asked = new FutureTask<>(this::ask);
        Thread.ofVirtual().name("database-health").start(asked);
        try {
            return asked.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return Optional.of("It did not answer within " + LIMIT_SECONDS + " seconds.");
        } catch (ExecutionException e) {
            return Optional.of(
                    String.valueOf(Objects.requireNonNullElse(e.getCause(), e).getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("Asking was interrupted.");
        }
    }

    private Optional<String> ask() {
        try (var connection = database.getConnection()) {
            return connection.isValid(LIMIT_SECONDS)
                    ? Optional.empty()
                    : Optional.of("A connection to it is no longer valid.");
        } catch (SQLException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
