package dev.narthex.store;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/** Statements on the store's tables. No caller can mend an SQLException, so it leaves as a fault. */
@ApplicationScoped
class Database {
    private final DataSource source;

    Database(DataSource source) {
        this.source = source;
    }

    /** Statements with their result. */
    @FunctionalInterface
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** For make_interval. */
    static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    /** Within the caller's transaction, if there is one. */
    <T> T joined(Work<T> work) {
        try (var connection = source.getConnection()) {
            return work.on(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** In a transaction of its own, committed on return. Of an open transaction it sees and touches nothing. */
    <T> T alone(Work<T> work) {
        return QuarkusTransaction.requiringNew().call(() -> joined(work));
    }
}
