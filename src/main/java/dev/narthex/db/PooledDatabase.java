package dev.narthex.db;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * The database of the application, in a request or in a job. Uses plain JDBC: a page runs about twenty queries, and the entity
 * manager took one sixth of its processor time for native queries.
 */
@Singleton
public class PooledDatabase extends Database {
    private final DataSource dataSource;

    public PooledDatabase(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    @Override
    public <T> T withConnection(Work<T> work) {
        try (var connection = dataSource.getConnection()) {
            return work.execute(connection);
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    @Override
    public <T> T inNewTransaction(Supplier<T> work) {
        return QuarkusTransaction.requiringNew().call(work::get);
    }
}
