package dev.narthex.catalog.change;

import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/** Reads the head of the change log. Concurrent callers share a query. */
@Singleton
class ChangeLogHeadReader {
    private final DataSource database;
    private final CoalescingReader<ChangeLogHead> rounds = new CoalescingReader<>(this::read);
    private final MicroCache<ChangeLogHead> recent = new MicroCache<>(System::nanoTime);

    /** Whether the next head is read ahead, so that no request waits for it. */
    private final AtomicBoolean refreshing = new AtomicBoolean();

    /**
     * A platform thread, which waits for the database in a blocking read; a virtual thread would need two other threads to wake
     * it.
     */
    private final ExecutorService reader = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("change-head").daemon().factory());

    ChangeLogHeadReader(DataSource database) {
        this.database = database;
    }

    /** Reads outside the caller's transaction, so that the result does not include its uncommitted changes. */
    @Transactional(TxType.NOT_SUPPORTED)
    ChangeLogHead readNow() {
        return rounds.read();
    }

    CompletionStage<ChangeLogHead> readAsync() {
        return rounds.read(reader);
    }

    Optional<ChangeLogHead> recentHead() {
        var head = recent.get();
        if (head.isPresent() && recent.isAging() && refreshing.compareAndSet(false, true)) {
            rounds.read(reader).whenComplete((next, fault) -> refreshing.set(false));
        }
        return head;
    }

    /** Invalidates the cached head after this process committed a change. */
    void invalidate() {
        recent.invalidate();
    }

    @PreDestroy
    void stop() {
        reader.shutdown();
    }

    private ChangeLogHead read() {
        return recent.load(this::select);
    }

    private ChangeLogHead select() {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement(
                        "select h.epoch, h.seq, v.n from change_head h cross join cache_version v");
                var row = select.executeQuery()) {
            row.next();
            return new ChangeLogHead(row.getObject(1, UUID.class), row.getLong(2), row.getLong(3));
        } catch (SQLException e) {
            throw new IllegalStateException("the head of the change log cannot be read", e);
        }
    }
}
