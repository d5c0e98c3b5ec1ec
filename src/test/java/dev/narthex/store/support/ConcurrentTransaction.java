package dev.narthex.store.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** Another connection whose transaction holds its locks until it ends. */
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

    /** Runs work on a new thread, where it may wait for other transactions. */
    public static <T> CompletableFuture<T> runAsync(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, task -> Thread.startVirtualThread(task));
    }

    /** Waits until this number of transactions wait for a lock. */
    public void awaitBlocked(int count) throws SQLException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (countBlocked() < count) {
            assertTrue(System.nanoTime() < deadline, "too few transactions wait for a lock");
            Thread.onSpinWait();
        }
    }

    private int countBlocked() throws SQLException {
        try (var observer = source.getConnection();
                var statement = observer.createStatement();
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
