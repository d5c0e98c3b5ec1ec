package dev.narthex.store.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** Another connection whose transaction holds its locks until it is ended. */
public final class ConcurrentTransaction implements AutoCloseable {
    private final DataSource source;
    private final Connection connection;

    public ConcurrentTransaction(DataSource source) throws SQLException {
        this.source = source;
        this.connection = source.getConnection();
        connection.setAutoCommit(false);
    }

    public void execute(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    public void commit() throws SQLException {
        connection.commit();
    }

    public void rollback() throws SQLException {
        connection.rollback();
    }

    /** On its own thread, which may wait for others that do so. */
    public static <T> CompletableFuture<T> meanwhile(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, task -> Thread.startVirtualThread(task));
    }

    /** Returns when so many wait for a lock that another one holds. */
    public void awaitBlocked(int many) throws SQLException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (waiting() < many) {
            assertTrue(System.nanoTime() < deadline, "nobody waits for a lock");
            Thread.onSpinWait();
        }
    }

    private int waiting() throws SQLException {
        try (var other = source.getConnection();
                var statement = other.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM pg_locks WHERE NOT granted")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.rollback();
        connection.setAutoCommit(true);
        connection.close();
    }
}
