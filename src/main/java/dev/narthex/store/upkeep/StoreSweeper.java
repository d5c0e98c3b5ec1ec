package dev.narthex.store.upkeep;

import dev.narthex.db.Database;
import dev.narthex.db.SqlStatement;
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
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

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

    private final Database database;
    private final PackLeases packs;
    private final ConfiguredBackends backends;
    private final StoreConfig config;
    private final PendingUploads uploads;

    public StoreSweeper(
            Database database,
            PackLeases packs,
            ConfiguredBackends backends,
            StoreConfig config,
            PendingUploads uploads) {
        this.database = database;
        this.packs = packs;
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
        return runBatches(() -> database.statement("""
                        DELETE FROM chunk_hint WHERE ctid = ANY (ARRAY(SELECT h.ctid FROM chunk_hint h
                            WHERE NOT EXISTS (SELECT 1 FROM pack p WHERE p.id = h.pack_id) LIMIT 10000))""").update());
    }

    /** Step W: condemns packs whose writer let the lease expire. */
    public int condemnExpiredLeases() {
        return database.inNewTransaction(() -> database.statement("""
                        UPDATE pack SET state = 'C', lease_until = NULL, condemned_at = now(),
                          next_try = now() + make_interval(secs => :grace)
                        WHERE id IN (SELECT id FROM pack WHERE state = 'W' AND lease_until < now() - make_interval(secs => :margin)
                          LIMIT :limit FOR UPDATE SKIP LOCKED)""")
                .bind("grace", config.grace())
                .bind("margin", LEASE_EXPIRY_MARGIN)
                .bind("limit", BATCH_SIZE)
                .update());
    }

    /** Step N: deletes NARs that no path and no upload refers to. */
    public int deleteNars() {
        return runBatches(() -> {
            var ids = ids(database.statement(
                            "SELECT n.id FROM nar n WHERE n.created_at < now() - make_interval(secs => :age) AND "
                                    + UNREFERENCED_NAR + " ORDER BY n.id LIMIT :limit FOR UPDATE OF n SKIP LOCKED")
                    .bind("age", MIN_NAR_AGE)
                    .bind("limit", BATCH_SIZE));
            return deleteIfUnreferenced(ids);
        });
    }

    private int deleteIfUnreferenced(List<Long> lockedIds) {
        return database.statement("DELETE FROM nar n WHERE n.id = ANY (:nars) AND " + UNREFERENCED_NAR)
                .bindIds("nars", lockedIds)
                .update();
    }

    /** Returns the packs that contain bytes of these NARs, to be passed to {@link #purge} after the paths were deleted. */
    public List<Long> packIdsOf(Collection<Long> narIds) {
        return database.inNewTransaction(() -> ids(database.statement(
                        "SELECT DISTINCT pack_id AS id FROM pack_ref WHERE nar_id = ANY (:nars) ORDER BY pack_id")
                .bindIds("nars", narIds)));
    }

    /**
     * Runs steps N, P and D immediately, without the minimum age and grace period, for bytes that must not be kept. NARs that a
     * path or an upload still refers to are kept, and so are packs that other NARs use.
     *
     * @param packIds the result of {@link #packIdsOf}, queried before the last path was deleted
     * @return whether all of these NARs were deleted
     */
    public boolean purge(Collection<Long> narIds, Collection<Long> packIds) {
        long remaining = database.inNewTransaction(() -> deleteUnreferenced(narIds));
        database.inNewTransaction(() -> {
            int condemned = condemn(lockUnreferenced(packIds), Duration.ZERO);
            cancelGracePeriod(packIds);
            return condemned;
        });
        deletePacks();
        return remaining == 0;
    }

    /** Returns how many of these NARs are left. */
    private long deleteUnreferenced(Collection<Long> narIds) {
        deleteIfUnreferenced(ids(database.statement("SELECT n.id FROM nar n WHERE n.id = ANY (:nars) AND "
                        + UNREFERENCED_NAR + " ORDER BY n.id FOR UPDATE OF n")
                .bindIds("nars", narIds)));
        return database.statement("SELECT count(*) AS remaining FROM nar WHERE id = ANY (:nars)")
                .bindIds("nars", narIds)
                .one()
                .longValue("remaining");
    }

    /** Cancels the grace period of packs that another sweep has already condemned, and the protection by snapshots. */
    private void cancelGracePeriod(Collection<Long> packIds) {
        database.statement("UPDATE pack p SET next_try = now(), condemned_at = '-infinity'"
                        + " WHERE p.id = ANY (:packs) AND p.state = 'C' AND " + UNREFERENCED_PACK)
                .bindIds("packs", packIds)
                .update();
    }

    /** Step P: condemns packs that lost their last reference. Reads the queue that a trigger on pack_ref fills. */
    public int condemnPacks() {
        var start = database.statement("SELECT now() AS start").one().instant("start");
        int total = 0;
        for (var batch = condemnSuspects(start); batch.suspects > 0; batch = condemnSuspects(start)) {
            total += batch.condemned;
        }
        return total;
    }

    /** The result of one batch of the queue. */
    private record SuspectBatch(int suspects, int condemned) {}

    /** @param start only suspects queued until then are processed; requeued ones are left for the next run */
    private SuspectBatch condemnSuspects(Instant start) {
        return database.inNewTransaction(() -> {
            var suspectIds = ids(database.statement("""
                            DELETE FROM pack_suspect WHERE ctid IN (SELECT ctid FROM pack_suspect WHERE at <= :start
                              LIMIT :limit FOR UPDATE SKIP LOCKED)
                            RETURNING pack_id AS id""").bind("start", start).bind("limit", BATCH_SIZE));
            int condemned = condemn(lockUnreferenced(suspectIds), config.grace());
            requeueChecks(suspectIds);
            return new SuspectBatch(suspectIds.size(), condemned);
        });
    }

    /** Step P as a scan of all packs: a safety net in case the queue lost an entry. */
    public int condemnPacksByScan() {
        return runBatches(() -> condemn(
                ids(database.statement("SELECT p.id FROM pack p WHERE p.state IN ('L', 'Q') AND " + UNREFERENCED_PACK
                                + " ORDER BY p.id LIMIT :limit FOR UPDATE OF p SKIP LOCKED")
                        .bind("limit", BATCH_SIZE)),
                config.grace()));
    }

    private List<Long> lockUnreferenced(Collection<Long> suspectIds) {
        return ids(database.statement("SELECT p.id FROM pack p WHERE p.id = ANY (:packs) AND p.state IN ('L', 'Q') AND "
                        + UNREFERENCED_PACK + " ORDER BY p.id FOR UPDATE OF p SKIP LOCKED")
                .bindIds("packs", suspectIds));
    }

    private int condemn(List<Long> lockedIds, Duration grace) {
        return database.statement("""
                        UPDATE pack p SET state = 'C', condemned_at = now(), next_try = now() + make_interval(secs => :grace)
                        WHERE p.id = ANY (:packs) AND p.state IN ('L', 'Q') AND\s""" + UNREFERENCED_PACK)
                .bind("grace", grace)
                .bindIds("packs", lockedIds)
                .update();
    }

    /** Requeues packs that are still unreferenced, because an upload had locked them but did not use them. */
    private void requeueChecks(List<Long> suspectIds) {
        database.statement("INSERT INTO pack_suspect (pack_id) SELECT p.id FROM pack p"
                        + " WHERE p.id = ANY (:packs) AND p.state IN ('L', 'Q') AND " + UNREFERENCED_PACK)
                .bindIds("packs", suspectIds)
                .update();
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
            deleted += database.inNewTransaction(() -> packs.deleteCondemnedRows(deletedIds));
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
        return database.inNewTransaction(() -> database.statement("""
                        UPDATE pack p SET tries = p.tries + 1,
                          next_try = now() + make_interval(mins => least(2 ^ least(p.tries, 11), 1440)::int)
                        FROM dedup_domain d
                        WHERE d.id = p.domain_id AND p.id IN (SELECT id FROM pack WHERE state = 'C' AND next_try <= now()
                            AND condemned_at < coalesce((SELECT min(begun_at) FROM snapshot WHERE until > now()), 'infinity')
                          ORDER BY next_try LIMIT :limit FOR UPDATE SKIP LOCKED)
                        RETURNING p.id, d.code, p.key, p.copy, p.backend""")
                .bind("limit", BATCH_SIZE)
                .list(row -> new CondemnedPack(row.longValue("id"), PackKey.of(row), row.intValue("backend"))));
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
    private int runBatches(Supplier<Integer> batch) {
        int total = 0;
        for (int processed = database.inNewTransaction(batch);
                processed > 0;
                processed = database.inNewTransaction(batch)) {
            total += processed;
        }
        return total;
    }

    /** Returns the column {@code id} of all rows. */
    private static List<Long> ids(SqlStatement statement) {
        return statement.list(row -> row.longValue("id"));
    }
}
