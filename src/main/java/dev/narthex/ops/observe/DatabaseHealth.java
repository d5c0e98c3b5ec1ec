package dev.narthex.ops.observe;

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
    private static final int TIMEOUT_SECONDS = 3;

    private final DataSource database;

    DatabaseHealth(DataSource database) {
        this.database = database;
    }

    @Override
    public HealthCheckResponse call() {
        var failure = findFailure();
        var response = HealthCheckResponse.named("database").status(failure.isEmpty());
        failure.ifPresent(reason -> response.withData("reason", reason));
        return response.build();
    }

    private Optional<String> findFailure() {
        var check = new FutureTask<>(this::checkConnection);
        Thread.ofVirtual().name("database-health").start(check);
        try {
            return check.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return Optional.of("It did not answer within " + TIMEOUT_SECONDS + " seconds.");
        } catch (ExecutionException e) {
            return Optional.of(
                    String.valueOf(Objects.requireNonNullElse(e.getCause(), e).getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("Asking was interrupted.");
        }
    }

    private Optional<String> checkConnection() {
        try (var connection = database.getConnection()) {
            return connection.isValid(TIMEOUT_SECONDS)
                    ? Optional.empty()
                    : Optional.of("A connection to it is no longer valid.");
        } catch (SQLException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
