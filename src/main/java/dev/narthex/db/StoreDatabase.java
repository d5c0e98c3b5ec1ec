package dev.narthex.db;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * Runs statements on the tables of the store. An SQLException becomes an IllegalStateException, because no caller can handle
 * it.
 */
@ApplicationScoped
public class StoreDatabase {
    private final DataSource dataSource;

    public StoreDatabase(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** Statements that return a result. */
    @FunctionalInterface
    public interface Work<T> {
        T execute(Connection connection) throws SQLException;
    }

    /** Converts a duration to seconds for make_interval. */
    public static double toSeconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    /** Runs statements within the caller's transaction, or in auto-commit mode without a transaction. */
    public <T> T inTransaction(Work<T> work) {
        try (var connection = dataSource.getConnection()) {
            return work.execute(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs statements in a new transaction that is committed on return and does not see an open transaction of the caller. */
    public <T> T inNewTransaction(Work<T> work) {
        return QuarkusTransaction.requiringNew().call(() -> inTransaction(work));
    }
}
