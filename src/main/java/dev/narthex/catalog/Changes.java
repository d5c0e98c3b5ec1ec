package dev.narthex.catalog;

import dev.narthex.sql.Row;
import dev.narthex.sql.Sql;
import jakarta.enterprise.context.control.ActivateRequestContext;
import jakarta.inject.Singleton;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The log of changes, which search, feeds and document caches follow. Numbers are taken from a one-row head that stays locked
 * until commit, so commit order is number order and one number is a cursor.
 *
 * <p>What is appended is written as the last thing of the transaction, all at once: taken earlier, the head would be held
 * while rows are waited for whose holder waits for the head. The same change twice in a transaction is one.
 */
@Singleton
public class Changes {
    private static final int MOST_TOUCHED = 10_000;

    private final Sql sql;
    private final Heads heads;
    private final SeenHead seen;
    private final DataSource database;
    private final TransactionSynchronizationRegistry registry;

    Changes(Sql sql, Heads heads, SeenHead seen, DataSource database, TransactionSynchronizationRegistry registry) {
        this.sql = sql;
        this.heads = heads;
        this.seen = seen;
        this.database = database;
        this.registry = registry;
    }

    private record Change(
            long cacheId, String kind, Optional<Long> packageId, Optional<Long> releaseId, Optional<String> hashPart) {}

    /**
     * Notes a change of this transaction.
     *
     * @param kind "path", "release" or another short stable word
     */
    @Transactional(TxType.MANDATORY)
    public void append(
            long cacheId, String kind, Optional<Long> packageId, Optional<Long> releaseId, Optional<String> hashPart) {
        pending().add(new Change(cacheId, kind, packageId, releaseId, hashPart));
    }

    /** Where the log ends now. */
    public Head head() {
        return heads.now();
    }

    /** {@link #head} for callers that must not wait; completed on another thread. */
    public CompletionStage<Head> soon() {
        return heads.soon();
    }

    /**
     * {@link #head} as it was up to two milliseconds ago, if many ask now. What this process has committed is in it.
     *
     * @return empty if few ask: then take {@link #soon}
     */
    public Optional<Head> lately() {
        return heads.lately();
    }

    /** Where the log ended when this request last looked for a cache, or ends now. */
    @ActivateRequestContext
    public Head seen() {
        return seen.seen();
    }

    /** Grows with every committed change; another restore begins another series. */
    public String revision() {
        return head().revision();
    }

    /**
     * The packages and store paths that changed after one number of the log, up to another.
     *
     * @return empty if there are too many, or the log does not reach back so far
     */
    public Optional<List<Touched>> touched(long after, long to) {
        var rows = sql.rows("""
                select c.cache_id, coalesce(p.ecosystem, '') as ecosystem, coalesce(p.normalised, '') as normalised,
                  bool_or(c.package_id is not null and c.kind <> 'downloads') as package, c.hash_part, count(*) as n
                from change c left join package p on p.id = c.package_id
                where c.seq > :after and c.seq <= :to
                group by 1, 2, 3, 5 limit :limit""", Map.of("after", after, "to", to, "limit", MOST_TOUCHED + 1));
        long seen = rows.stream().mapToLong(row -> row.number("n")).sum();
        return seen < to - after || rows.size() > MOST_TOUCHED
                ? Optional.empty()
                : Optional.of(rows.stream().flatMap(Changes::touched).toList());
    }

    private static Stream<Touched> touched(Row row) {
        long cache = row.number("cache_id");
        var path = row.maybeText("hash_part").map(hash -> (Touched) new Touched.OnePath(cache, hash));
        return row.truth("package")
                ? Stream.concat(
                        Stream.of(new Touched.OnePackage(cache, row.text("ecosystem"), row.text("normalised"))),
                        path.stream())
                : path.stream();
    }

    /** What changed. */
    public sealed interface Touched {
        /** @param ecosystem empty if the package is gone: it may have been any of the cache */
        record OnePackage(long cacheId, String ecosystem, String normalised) implements Touched {
            public boolean gone() {
                return ecosystem.isEmpty();
            }
        }

        record OnePath(long cacheId, String hashPart) implements Touched {}
    }

    @SuppressWarnings("unchecked")
    private Set<Change> pending() {
        var known = registry.getResource(Changes.class);
        if (known != null) {
            return (Set<Change>) known;
        }
        var fresh = new LinkedHashSet<Change>();
        registry.putResource(Changes.class, fresh);
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
                heads.changed();
            }
        });
    }

    /** By plain JDBC: the session has given its connection back by now, and would not do so again. */
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
