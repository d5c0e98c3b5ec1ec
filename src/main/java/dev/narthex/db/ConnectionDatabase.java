package dev.narthex.db;

import jakarta.enterprise.inject.Vetoed;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;

/** The database of a command that runs without the application: one connection, whose transactions the caller ends. */
@Vetoed
public final class ConnectionDatabase extends Database {
    private final Connection connection;

    public ConnectionDatabase(Connection connection) {
        this.connection = connection;
    }

    @Override
    public <T> T withConnection(Work<T> work) {
        try {
            return work.execute(connection);
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    /** @throws UnsupportedOperationException always, because a connection has one transaction at a time */
    @Override
    public <T> T inNewTransaction(Supplier<T> work) {
        throw new UnsupportedOperationException("the only transaction of the connection is the caller's");
    }
}
