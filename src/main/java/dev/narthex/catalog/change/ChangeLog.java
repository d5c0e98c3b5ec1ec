package dev.narthex.catalog.change;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import jakarta.enterprise.context.control.ActivateRequestContext;
import jakarta.inject.Singleton;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The change log, which search, feeds and document caches follow. Sequence numbers come from a one-row table that is locked until
 * commit, so their order is the commit order, and a number is a cursor.
 *
 * <p>Changes are collected and written as the last step of the transaction. Locking the row earlier could deadlock with a
 * transaction that waits for it and holds rows that this one needs. Equal changes in one transaction are written once.
 */
@Singleton
public class ChangeLog {
    private static final int MAX_CHANGED = 10_000;

    private final Database sql;
    private final ChangeLogHeadReader heads;
    private final RequestHead lastSeen;
    private final DataSource database;
    private final TransactionSynchronizationRegistry registry;

    ChangeLog(
            Database sql,
            ChangeLogHeadReader heads,
            RequestHead requestHead,
            DataSource database,
            TransactionSynchronizationRegistry registry) {
        this.sql = sql;
        this.heads = heads;
        this.lastSeen = requestHead;
        this.database = database;
        this.registry = registry;
    }

    private record Change(
            long cacheId, String kind, Optional<Long> packageId, Optional<Long> releaseId, Optional<String> hashPart) {}

    /**
     * Records a change, to be written at the end of the transaction.
     *
     * @param kind stable identifier, such as "path" or "release"
     */
    @Transactional(TxType.MANDATORY)
    public void append(
            long cacheId, String kind, Optional<Long> packageId, Optional<Long> releaseId, Optional<String> hashPart) {
        pending().add(new Change(cacheId, kind, packageId, releaseId, hashPart));
    }

    /** Returns the current end of the log. */
    public ChangeLogHead head() {
        return heads.readNow();
    }

    /** Reads {@link #head} without blocking the caller; the stage completes on another thread. */
    public CompletionStage<ChangeLogHead> readHead() {
        return heads.readAsync();
    }

    /**
     * Returns {@link #head} as of at most 2 milliseconds ago, while request rates are high. Includes everything that this process
     * has committed.
     *
     * @return empty at low request rates; then use {@link #readHead}
     */
    public Optional<ChangeLogHead> recentHead() {
        return heads.recentHead();
    }

    /** Returns the end of the log as of this request's last look-up of a cache, or now if there was none. */
    @ActivateRequestContext
    public ChangeLogHead requestHead() {
        return lastSeen.lastSeen();
    }

    /** Returns an identifier that changes with every committed change, and after a restore. */
    public String revision() {
        return head().revision();
    }

    /**
     * Returns the packages and store paths that changed between two positions of the log.
     *
     * @param after exclusive
     * @param to inclusive
     * @return empty if there are too many changes, or the log no longer reaches back to {@code after}
     */
    public Optional<List<ChangedItem>> changedBetween(long after, long to) {
        var rows = sql.statement("""
                select c.cache_id, coalesce(p.ecosystem, '') as ecosystem, coalesce(p.normalized, '') as normalized,
                  bool_or(c.package_id is not null and c.kind <> 'downloads') as package, c.hash_part, count(*) as n
                from change c left join package p on p.id = c.package_id
                where c.seq > :after and c.seq <= :to
                group by 1, 2, 3, 5 limit :limit""")
                .bind("after", after)
                .bind("to", to)
                .bind("limit", MAX_CHANGED + 1)
                .list();
        long seen = rows.stream().mapToLong(row -> row.longValue("n")).sum();
        return seen < to - after || rows.size() > MAX_CHANGED
                ? Optional.empty()
                : Optional.of(rows.stream().flatMap(ChangeLog::changedBetween).toList());
    }

    private static Stream<ChangedItem> changedBetween(Row row) {
        long cache = row.longValue("cache_id");
        var path = row.optionalString("hash_part").map(hash -> (ChangedItem) new ChangedItem.OnePath(cache, hash));
        return row.bool("package")
                ? Stream.concat(
                        Stream.of(new ChangedItem.OnePackage(cache, row.string("ecosystem"), row.string("normalized"))),
                        path.stream())
                : path.stream();
    }

    /** A package or store path that changed. */
    public sealed interface ChangedItem {
        /** @param ecosystem empty if the package was deleted and can no longer be identified */
        record OnePackage(long cacheId, String ecosystem, String normalized) implements ChangedItem {
            public boolean gone() {
                return ecosystem.isEmpty();
            }
        }

        record OnePath(long cacheId, String hashPart) implements ChangedItem {}
    }

    @SuppressWarnings("unchecked")
    private Set<Change> pending() {
        var known = registry.getResource(ChangeLog.class);
        if (known != null) {
            return (Set<Change>) known;
        }
        var fresh = new LinkedHashSet<Change>();
        registry.putResource(ChangeLog.class, fresh);
        writeAtTheEnd(fresh);
        return fresh;
    }

    private void writeAtTheEnd(Set<Change> changes) {
        registry.registerInterposedSynchronization(new Synchronization() {
            @Override
            public void beforeCompletion() {
                write(changes);
            }

            @Override
            public void afterCompletion(int status) {
                heads.invalidate();
            }
        });
    }

    /** Writes the changes by plain JDBC: at this point the session has returned its connection, and would not return another. */
    private void write(Set<Change> changes) {
        try (var connection = database.getConnection();
                var insert = connection.prepareStatement("""
                with head as (update change_head set seq = seq + ? returning seq)
                insert into change (seq, cache_id, kind, package_id, release_id, hash_part)
                select head.seq - ? + c.ord, c.cache_id, c.kind, c.package_id, c.release_id, c.hash_part
                from head, unnest(?, ?, ?, ?, ?)
                  with ordinality as c (cache_id, kind, package_id, release_id, hash_part, ord)""")) {
            insert.setLong(1, changes.size());
            insert.setLong(2, changes.size());
            insert.setArray(3, connection.createArrayOf("bigint", of(changes, Change::cacheId)));
            insert.setArray(4, connection.createArrayOf("text", of(changes, Change::kind)));
            insert.setArray(
                    5,
                    connection.createArrayOf(
                            "bigint", of(changes, c -> c.packageId().orElse(null))));
            insert.setArray(
                    6,
                    connection.createArrayOf(
                            "bigint", of(changes, c -> c.releaseId().orElse(null))));
            insert.setArray(
                    7,
                    connection.createArrayOf(
                            "text", of(changes, c -> c.hashPart().orElse(null))));
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("the change log cannot be written", e);
        }
    }

    private static Object[] of(Set<Change> changes, Function<Change, @Nullable Object> column) {
        return changes.stream().map(column).toArray();
    }
}
