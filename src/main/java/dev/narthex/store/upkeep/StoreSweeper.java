package dev.narthex.store.upkeep;

import dev.narthex.db.StoreDatabase;
import dev.narthex.store.PackLeases;
import dev.narthex.store.PendingUploads;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.pack.StoreConfig;
import io.quarkus.logging.Log;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;

/**
 * Garbage-collects NARs and packs without references. Any process may run any step at any time, concurrently with uploads and
 * other sweeps: each step locks the rows it works on and skips rows that are locked.
 *
 * <p>NARs and packs are deleted by <em>two statements</em> of one READ COMMITTED transaction: the first locks candidates, the
 * second checks again that nothing refers to them and acts. A single statement would check and act on the same snapshot and
 * miss the reference of an upload that committed while it waited for the lock: bytes would be lost. An upload that is second
 * finds, under its own lock, that the row is gone or no longer live, and uses its own bytes.
 */
@ApplicationScoped
public class StoreSweeper {
    private static final int BATCH_SIZE = 500;
    private static final int MAX_CONCURRENT_DELETIONS = 8;
    /** Extra time after a lease expires, for clock differences and pauses of a writer between two statements. */
    private static final Duration LEASE_EXPIRY_MARGIN = Duration.ofMinutes(5);
    /** Time to add a reference to a NAR after it was linked. */
    private static final Duration MIN_NAR_AGE = Duration.ofHours(1);

    /** How long an upload protects its NAR while no narinfo arrives. */
    private static final Duration UPLOAD_TTL = Duration.ofDays(7);

    private static final String UNREFERENCED_PACK = "NOT EXISTS (SELECT 1 FROM pack_ref r WHERE r.pack_id = p.id)";
    private static final String UNREFERENCED_NAR = """
            NOT EXISTS (SELECT 1 FROM path x WHERE x.nar_id = n.id)
            AND NOT EXISTS (SELECT 1 FROM nar_upload u WHERE u.nar_id = n.id)""";

    private final StoreDatabase database;
    private final ConfiguredBackends backends;
    private final StoreConfig config;
    private final PendingUploads uploads;

    public StoreSweeper(
            StoreDatabase database, ConfiguredBackends backends, StoreConfig config, PendingUploads uploads) {
        this.database = database;
        this.backends = backends;
        this.config = config;
        this.uploads = uploads;
    }

    /**
     * Runs the frequent steps once.
     *
     * @return the number of rows that were condemned or deleted
     */
    public int run() {
        return condemnExpiredLeases() + deleteNars() + condemnPacks() + deletePacks();
    }

    /**
     * Runs the steps that are needed only about once a day: expiring uploads, scanning all packs and deleting old hints.
     *
     * @return the number of rows that were condemned or deleted
     */
    public int runDaily() {
        return uploads.deleteOlderThan(UPLOAD_TTL) + condemnPacksByScan() + deleteStaleHints();
    }

    /** Step H: deletes hints of packs that no longer exist. Until then they are harmless, because lookups join the table pack. */
    public int deleteStaleHints() {
        return runBatches(c -> {
            try (var delete = c.prepareStatement("""
                    DELETE FROM chunk_hint WHERE ctid = ANY (ARRAY(SELECT h.ctid FROM chunk_hint h
                        WHERE NOT EXISTS (SELECT 1 FROM pack p WHERE p.id = h.pack_id) LIMIT 10000))""")) {
                return delete.executeUpdate();
            }
        });
    }

    /** Step W: condemns packs whose writer let the lease expire. */
    public int condemnExpiredLeases() {
        return database.inNewTransaction(c -> {
            try (var update = c.prepareStatement("""
                    UPDATE pack SET state = 'C', lease_until = NULL, condemned_at = now(),
                        next_try = now() + make_interval(secs => ?)
                    WHERE id IN (SELECT id FROM pack WHERE state = 'W' AND lease_until < now() - make_interval(secs => ?)
                        LIMIT ? FOR UPDATE SKIP LOCKED)""")) {
                update.setDouble(1, StoreDatabase.toSeconds(config.grace()));
                update.setDouble(2, StoreDatabase.toSeconds(LEASE_EXPIRY_MARGIN));
                update.setInt(3, BATCH_SIZE);
                return update.executeUpdate();
            }
        });
    }

    /** Step N: deletes NARs that no path and no upload refers to. */
    public int deleteNars() {
        return runBatches(c -> {
            var ids = new ArrayList<Long>();
            try (var select = c.prepareStatement(
                    "SELECT n.id FROM nar n WHERE n.created_at < now() - make_interval(secs => ?) AND "
                            + UNREFERENCED_NAR + " ORDER BY n.id LIMIT " + BATCH_SIZE
                            + " FOR UPDATE OF n SKIP LOCKED")) {
                select.setDouble(1, StoreDatabase.toSeconds(MIN_NAR_AGE));
                ids.addAll(queryIds(select));
            }
            try (var delete = c.prepareStatement("DELETE FROM nar n WHERE n.id = ANY (?) AND " + UNREFERENCED_NAR)) {
                delete.setArray(1, PackLeases.toSqlArray(c, ids));
                return delete.executeUpdate();
            }
        });
    }

    /** Returns the packs that contain bytes of these NARs, to be passed to {@link #purge} after the paths were deleted. */
    public List<Long> packIdsOf(Collection<Long> narIds) {
        return database.inNewTransaction(c -> {
            try (var select = c.prepareStatement(
                    "SELECT DISTINCT pack_id FROM pack_ref WHERE nar_id = ANY (?) ORDER BY pack_id")) {
                select.setArray(1, PackLeases.toSqlArray(c, List.copyOf(narIds)));
                return queryIds(select);
            }
        });
    }

    /**
     * Runs steps N, P and D immediately, without the minimum age and grace period, for bytes that must not be kept. NARs that a
     * path or an upload still refers to are kept, and so are packs that other NARs use.
     *
     * @param packIds the result of {@link #packIdsOf}, queried before the last path was deleted
     * @return whether all of these NARs were deleted
     */
    public boolean purge(Collection<Long> narIds, Collection<Long> packIds) {
        long remaining = database.inNewTransaction(c -> deleteUnreferenced(c, List.copyOf(narIds)));
        database.inNewTransaction(c -> {
            var ids = List.copyOf(packIds);
            int condemned = condemn(c, lockUnreferenced(c, ids), Duration.ZERO);
            cancelGracePeriod(c, ids);
            return condemned;
        });
        deletePacks();
        return remaining == 0;
    }

    private static long deleteUnreferenced(Connection c, List<Long> narIds) throws SQLException {
        var ids = new ArrayList<Long>();
        try (var select = c.prepareStatement("SELECT n.id FROM nar n WHERE n.id = ANY (?) AND " + UNREFERENCED_NAR
                + " ORDER BY n.id FOR UPDATE OF n")) {
            select.setArray(1, PackLeases.toSqlArray(c, narIds));
            ids.addAll(queryIds(select));
        }
        try (var delete = c.prepareStatement("DELETE FROM nar n WHERE n.id = ANY (?) AND " + UNREFERENCED_NAR)) {
            delete.setArray(1, PackLeases.toSqlArray(c, ids));
            delete.executeUpdate();
        }
        try (var select = c.prepareStatement("SELECT n.id FROM nar n WHERE n.id = ANY (?)")) {
            select.setArray(1, PackLeases.toSqlArray(c, narIds));
            return queryIds(select).size();
        }
    }

    /** Cancels the grace period of packs that another sweep has already condemned, and the protection by snapshots. */
    private static void cancelGracePeriod(Connection c, List<Long> packIds) throws SQLException {
        try (var update = c.prepareStatement(
                "UPDATE pack p SET next_try = now(), condemned_at = '-infinity' WHERE p.id = ANY (?) AND p.state = 'C' AND "
                        + UNREFERENCED_PACK)) {
            update.setArray(1, PackLeases.toSqlArray(c, packIds));
            update.executeUpdate();
        }
    }

    /** Step P: condemns packs that lost their last reference. Reads the queue that a trigger on pack_ref fills. */
    public int condemnPacks() {
        var start = database.inNewTransaction(StoreSweeper::databaseTime);
        int total = 0;
        for (var batch = condemnSuspects(start); batch.suspects > 0; batch = condemnSuspects(start)) {
            total += batch.condemned;
        }
        return total;
    }

    /** The result of one batch of the queue. */
    private record SuspectBatch(int suspects, int condemned) {}

    /** @param start only suspects queued until then are processed; requeued ones are left for the next run */
    private SuspectBatch condemnSuspects(OffsetDateTime start) {
        return database.inNewTransaction(c -> {
            var suspectIds = new ArrayList<Long>();
            try (var delete = c.prepareStatement("""
                    DELETE FROM pack_suspect WHERE ctid IN (SELECT ctid FROM pack_suspect WHERE at <= ?
                        LIMIT 500 FOR UPDATE SKIP LOCKED)
                    RETURNING pack_id""")) {
                delete.setObject(1, start);
                suspectIds.addAll(queryIds(delete));
            }
            int condemned = condemn(c, lockUnreferenced(c, suspectIds), config.grace());
            requeueChecks(c, suspectIds);
            return new SuspectBatch(suspectIds.size(), condemned);
        });
    }

    private static OffsetDateTime databaseTime(Connection c) throws SQLException {
        try (var select = c.prepareStatement("SELECT now()");
                var row = select.executeQuery()) {
            row.next();
            return row.getObject(1, OffsetDateTime.class);
        }
    }

    /** Step P as a scan of all packs: a safety net in case the queue lost an entry. */
    public int condemnPacksByScan() {
        return runBatches(c -> {
            try (var select = c.prepareStatement("SELECT p.id FROM pack p WHERE p.state IN ('L', 'Q') AND "
                    + UNREFERENCED_PACK + " ORDER BY p.id LIMIT " + BATCH_SIZE + " FOR UPDATE OF p SKIP LOCKED")) {
                return condemn(c, queryIds(select), config.grace());
            }
        });
    }

    private static List<Long> lockUnreferenced(Connection c, List<Long> suspectIds) throws SQLException {
        try (var select =
                c.prepareStatement("SELECT p.id FROM pack p WHERE p.id = ANY (?) AND p.state IN ('L', 'Q') AND "
                        + UNREFERENCED_PACK + " ORDER BY p.id FOR UPDATE OF p SKIP LOCKED")) {
            select.setArray(1, PackLeases.toSqlArray(c, suspectIds));
            return queryIds(select);
        }
    }

    private int condemn(Connection c, List<Long> lockedIds, Duration grace) throws SQLException {
        try (var update = c.prepareStatement("""
                UPDATE pack p SET state = 'C', condemned_at = now(), next_try = now() + make_interval(secs => ?)
                WHERE p.id = ANY (?) AND p.state IN ('L', 'Q') AND\s""" + UNREFERENCED_PACK)) {
            update.setDouble(1, StoreDatabase.toSeconds(grace));
            update.setArray(2, PackLeases.toSqlArray(c, lockedIds));
            return update.executeUpdate();
        }
    }

    /** Requeues packs that are still unreferenced, because an upload had locked them but did not use them. */
    private static void requeueChecks(Connection c, List<Long> suspectIds) throws SQLException {
        try (var insert = c.prepareStatement("INSERT INTO pack_suspect (pack_id) SELECT p.id FROM pack p"
                + " WHERE p.id = ANY (?) AND p.state IN ('L', 'Q') AND " + UNREFERENCED_PACK)) {
            insert.setArray(1, PackLeases.toSqlArray(c, suspectIds));
            insert.executeUpdate();
        }
    }

    /** A condemned pack that is due for deletion. */
    private record CondemnedPack(long id, PackKey key, int backend) {}

    /**
     * Step D: deletes the objects of condemned packs, including unfinished ones. Failures are retried later. A pack that was
     * condemned after a kept database snapshot was taken stays until that snapshot is deleted or expires; the snapshot may
     * refer to it. The expiry ensures that failing snapshots do not fill the disk.
     */
    public int deletePacks() {
        int deleted = 0;
        for (var claimed = claimCondemned(); !claimed.isEmpty(); claimed = claimCondemned()) {
            var deletedIds = deleteObjects(claimed);
            deleted += database.inNewTransaction(c -> PackLeases.deleteCondemnedRows(c, deletedIds));
        }
        return deleted;
    }

    /** Deletes several packs concurrently, because requests to a bucket are slow, and returns the ids of the deleted ones. */
    private List<Long> deleteObjects(List<CondemnedPack> claimed) {
        var deletedIds = new ConcurrentLinkedQueue<Long>();
        try (var workers = Executors.newFixedThreadPool(
                MAX_CONCURRENT_DELETIONS, Thread.ofVirtual().factory())) {
            for (var pack : claimed) {
                workers.execute(() -> {
                    try {
                        backends.getByNumber(pack.backend).delete(pack.key);
                        deletedIds.add(pack.id);
                    } catch (IOException e) {
                        Log.warnf(e, "cannot delete pack %s yet", pack.key.path());
                    }
                });
            }
        }
        return List.copyOf(deletedIds);
    }

    private List<CondemnedPack> claimCondemned() {
        return database.inNewTransaction(c -> {
            var claimed = new ArrayList<CondemnedPack>();
            try (var update = c.prepareStatement("""
                    UPDATE pack p SET tries = p.tries + 1,
                        next_try = now() + make_interval(mins => least(2 ^ least(p.tries, 11), 1440)::int)
                    FROM dedup_domain d
                    WHERE d.id = p.domain_id AND p.id IN (SELECT id FROM pack WHERE state = 'C' AND next_try <= now()
                          AND condemned_at < coalesce((SELECT min(begun_at) FROM snapshot WHERE until > now()), 'infinity')
                        ORDER BY next_try LIMIT 500 FOR UPDATE SKIP LOCKED)
                    RETURNING p.id, d.code, p.key, p.copy, p.backend""")) {
                try (var rows = update.executeQuery()) {
                    while (rows.next()) {
                        claimed.add(new CondemnedPack(rows.getLong("id"), PackKey.of(rows), rows.getInt("backend")));
                    }
                }
            }
            return claimed;
        });
    }

    /**
     * Deletes what killed writers left behind. Their rows lead to it too, but only after lease and grace period. In a backend
     * that other replicas write to, recent uploads are left alone.
     */
    void onStart(@Observes StartupEvent event) {
        for (var backend : backends.all()) {
            try {
                int deleted = backend.deleteUnfinished(backend.maxWriterPause());
                if (deleted > 0) {
                    Log.infof("deleted %d unfinished packs", deleted);
                }
            } catch (IOException e) {
                Log.warn("cannot look for unfinished packs", e);
            }
        }
    }

    /** Runs batches in separate transactions until one has nothing to do. */
    private int runBatches(StoreDatabase.Work<Integer> batch) {
        int total = 0;
        for (int processed = database.inNewTransaction(batch);
                processed > 0;
                processed = database.inNewTransaction(batch)) {
            total += processed;
        }
        return total;
    }

    private static List<Long> queryIds(PreparedStatement statement) throws SQLException {
        var ids = new ArrayList<Long>();
        try (var rows = statement.executeQuery()) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }
}
