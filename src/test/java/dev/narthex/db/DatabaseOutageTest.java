package dev.narthex.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.problem.Problem;
import jakarta.transaction.RollbackException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DatabaseOutageTest {
    private static final DatabaseOutage OUTAGE = new DatabaseOutage();

    private static Throwable state(String state) {
        return new SQLException("as the driver says it", state);
    }

    @Test
    void databaseRestartIsReportedAsUnavailable() {
        var rolledBack = new RollbackException("could not commit");
        rolledBack.addSuppressed(new IllegalStateException(state("57P01")));
        for (var fault : List.of(
                state("08006"),
                state("08001"),
                state("57P02"),
                state("57P03"),
                state("53300"),
                new DatabaseException((SQLException) state("08003")),
                new IllegalStateException("the head cannot be read", new RuntimeException(state("08006"))),
                new SQLException("Acquisition timeout while waiting for new connection"),
                rolledBack)) {
            var problem = OUTAGE.of(fault).orElseThrow(() -> new AssertionError(fault));
            assertEquals(503, problem.status());
            assertTrue(
                    problem instanceof Problem.Unavailable now
                            && now.retryAfter().orElse(0) > 0,
                    problem.toString());
        }
    }

    @Test
    void invalidStatementIsAServerError() {
        var circle = new IllegalStateException("of itself");
        circle.addSuppressed(new IllegalStateException(circle));
        for (var fault : List.of(
                state("23505"),
                state("42601"),
                state("57014"),
                new SQLException("without a state"),
                new BatchUpdateException(),
                new IllegalStateException("of the program"),
                circle)) {
            assertEquals(Optional.empty(), OUTAGE.of(fault), fault::toString);
        }
    }
}
