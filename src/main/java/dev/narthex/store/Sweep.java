package dev.narthex.store;

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
public class Sweep {
    private static final int BATCH = 500;
    private static final int AT_ONCE = 8;
    /** Extra time after a lease expires, for clock differences and pauses of a writer between two statements. */
    private static final Duration LATE = Duration.ofMinutes(5);
    /** Time to add a reference to a NAR after it was linked. */
    private static final Duration NEW = Duration.ofHours(1);

    /** How long an upload protects its NAR while no narinfo arrives. */
    private static final Duration UPLOADS = Duration.ofDays(7);

    private static final String UNREFERENCED = "NOT EXISTS (SELECT 1 FROM pack_ref r WHERE r.pack_id = p.id)";
    private static final String UNUSED = """
            NOT EXISTS (SELECT 1 FROM path x WHERE x.nar_id = n.id)
            AND NOT EXISTS (SELECT 1 FROM nar_upload u WHERE u.nar_id = n.id)""";

    private final Database database;
    private final Backends backends;
    private final StoreConfig config;
    private final Uploads uploads;

    Sweep(Database database, Backends backends, StoreConfig config, Uploads uploads) {
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
        return condemnStaleWriters() + removeNars() + condemnPacks() + deletePacks();
    }

    /**
     * Runs the steps that are needed only about once a day: expiring uploads, scanning all packs and deleting old hints.
     *
     * @return the number of rows that were condemned or deleted
     */
    public int runSeldom() {
        return uploads.expire(UPLOADS) + condemnPacksByScan() + forgetHints();
    }

    /** Step H: deletes hints of packs that no longer exist. Until then they are harmless, because lookups join the table pack. */
    public int forgetHints() {
        return batches(c -> {
            try (var delete = c.prepareStatement("""
                    DELETE FROM chunk_hint WHERE ctid = ANY (ARRAY(SELECT h.ctid FROM chunk_hint h
                        WHERE NOT EXISTS (SELECT 1 FROM pack p WHERE p.id = h.pack_id) LIMIT 10000))""")) {
                return delete.executeUpdate();
            }
        });
    }

    /** Step W: condemns packs whose writer let the lease expire. */
    public int condemnStaleWriters() {
        return database.alone(c -> {
            try (var update = c.prepareStatement("""
                    UPDATE pack SET state = 'C', lease_until = NULL, condemned_at = now(),
                        next_try = now() + make_interval(secs => ?)
                    WHERE id IN (SELECT id FROM pack WHERE state = 'W' AND lease_until < now() - make_interval(secs => ?)
                        LIMIT ? FOR UPDATE SKIP LOCKED)""")) {
                update.setDouble(1, Database.seconds(config.grace()));
                update.setDouble(2, Database.seconds(LATE));
                update.setInt(3, BATCH);
                return update.executeUpdate();
            }
        });
    }

    /** Step N: deletes NARs that no path and no upload refers to. */
    public int removeNars() {
        return batches(c -> {
            var ids = new ArrayList<Long>();
            try (var select = c.prepareStatement(
                    "SELECT n.id FROM nar n WHERE n.created_at < now() - make_interval(secs => ?) AND " + UNUSED
                            + " ORDER BY n.id LIMIT " + BATCH + " FOR UPDATE OF n SKIP LOCKED")) {
                select.setDouble(1, Database.seconds(NEW));
                ids.addAll(ids(select));
            }
            try (var delete = c.prepareStatement("DELETE FROM nar n WHERE n.id = ANY (?) AND " + UNUSED)) {
                delete.setArray(1, Packs.ids(c, ids));
                return delete.executeUpdate();
            }
        });
    }

    /** Returns the packs that contain bytes of these NARs, to be passed to {@link #purge} after the paths were deleted. */
    public List<Long> packsOf(Collection<Long> narIds) {
        return database.alone(c -> {
            try (var select = c.prepareStatement(
                    "SELECT DISTINCT pack_id FROM pack_ref WHERE nar_id = ANY (?) ORDER BY pack_id")) {
                select.setArray(1, Packs.ids(c, List.copyOf(narIds)));
                return ids(select);
            }
        });
    }

    /**
     * Runs steps N, P and D immediately, without the minimum age and grace period, for bytes that must not be kept. NARs that a
     * path or an upload still refers to are kept, and so are packs that other NARs use.
     *
     * @param packIds the result of {@link #packsOf}, queried before the last path was deleted
     * @return whether all of these NARs were deleted
     */
    public boolean purge(Collection<Long> narIds, Collection<Long> packIds) {
        long left = database.alone(c -> removeUnused(c, List.copyOf(narIds)));
        database.alone(c -> {
            var packs = List.copyOf(packIds);
            int condemned = condemn(c, lock(c, packs), Duration.ZERO);
            hasten(c, packs);
            return condemned;
        });
        deletePacks();
        return left == 0;
    }

    private static long removeUnused(Connection c, List<Long> nars) throws SQLException {
        var ids = new ArrayList<Long>();
        try (var select = c.prepareStatement(
                "SELECT n.id FROM nar n WHERE n.id = ANY (?) AND " + UNUSED + " ORDER BY n.id FOR UPDATE OF n")) {
            select.setArray(1, Packs.ids(c, nars));
            ids.addAll(ids(select));
        }
        try (var delete = c.prepareStatement("DELETE FROM nar n WHERE n.id = ANY (?) AND " + UNUSED)) {
            delete.setArray(1, Packs.ids(c, ids));
            delete.executeUpdate();
        }
        try (var select = c.prepareStatement("SELECT n.id FROM nar n WHERE n.id = ANY (?)")) {
            select.setArray(1, Packs.ids(c, nars));
            return ids(select).size();
        }
    }

    /** Cancels the grace period of packs that another sweep has already condemned, and the protection by snapshots. */
    private static void hasten(Connection c, List<Long> packs) throws SQLException {
        try (var update = c.prepareStatement(
                "UPDATE pack p SET next_try = now(), condemned_at = '-infinity' WHERE p.id = ANY (?) AND p.state = 'C' AND "
                        + UNREFERENCED)) {
            update.setArray(1, Packs.ids(c, packs));
            update.executeUpdate();
        }
    }

    /** Step P: condemns packs that lost their last reference. Reads the queue that a trigger on pack_ref fills. */
    public int condemnPacks() {
        var start = database.alone(Sweep::now);
        int all = 0;
        for (var done = condemnSuspects(start); done.suspects > 0; done = condemnSuspects(start)) {
            all += done.condemned;
        }
        return all;
    }

    /** The result of one batch of the queue. */
    private record Judged(int suspects, int condemned) {}

    /** @param start only suspects queued until then are processed; requeued ones are left for the next run */
    private Judged condemnSuspects(OffsetDateTime start) {
        return database.alone(c -> {
            var suspects = new ArrayList<Long>();
            try (var take = c.prepareStatement("""
                    DELETE FROM pack_suspect WHERE ctid IN (SELECT ctid FROM pack_suspect WHERE at <= ?
                        LIMIT 500 FOR UPDATE SKIP LOCKED)
                    RETURNING pack_id""")) {
                take.setObject(1, start);
                suspects.addAll(ids(take));
            }
            int condemned = condemn(c, lock(c, suspects), config.grace());
            requeue(c, suspects);
            return new Judged(suspects.size(), condemned);
        });
    }

    private static OffsetDateTime now(Connection c) throws SQLException {
        try (var select = c.prepareStatement("SELECT now()");
                var row = select.executeQuery()) {
            row.next();
            return row.getObject(1, OffsetDateTime.class);
        }
    }

    /** Step P as a scan of all packs: a safety net in case the queue lost an entry. */
    public int condemnPacksByScan() {
        return batches(c -> {
            try (var select = c.prepareStatement("SELECT p.id FROM pack p WHERE p.state IN ('L', 'Q') AND "
                    + UNREFERENCED + " ORDER BY p.id LIMIT " + BATCH + " FOR UPDATE OF p SKIP LOCKED")) {
                return condemn(c, ids(select), config.grace());
            }
        });
    }

    private static List<Long> lock(Connection c, List<Long> suspects) throws SQLException {
        try (var select =
                c.prepareStatement("SELECT p.id FROM pack p WHERE p.id = ANY (?) AND p.state IN ('L', 'Q') AND "
                        + UNREFERENCED + " ORDER BY p.id FOR UPDATE OF p SKIP LOCKED")) {
            select.setArray(1, Packs.ids(c, suspects));
            return ids(select);
        }
    }

    private int condemn(Connection c, List<Long> locked, Duration grace) throws SQLException {
        try (var update = c.prepareStatement("""
                UPDATE pack p SET state = 'C', condemned_at = now(), next_try = now() + make_interval(secs => ?)
                WHERE p.id = ANY (?) AND p.state IN ('L', 'Q') AND\s""" + UNREFERENCED)) {
            update.setDouble(1, Database.seconds(grace));
            update.setArray(2, Packs.ids(c, locked));
            return update.executeUpdate();
        }
    }

    /** Requeues packs that are still unreferenced, because an upload had locked them but did not use them. */
    private static void requeue(Connection c, List<Long> suspects) throws SQLException {
        try (var insert = c.prepareStatement("INSERT INTO pack_suspect (pack_id) SELECT p.id FROM pack p"
                + " WHERE p.id = ANY (?) AND p.state IN ('L', 'Q') AND " + UNREFERENCED)) {
            insert.setArray(1, Packs.ids(c, suspects));
            insert.executeUpdate();
        }
    }

    /** A condemned pack that is due for deletion. */
    private record Condemned(long id, PackKey key, int backend) {}

    /**
     * Step D: deletes the objects of condemned packs, including unfinished ones. Failures are retried later. A pack that was
     * condemned after a kept database snapshot was taken stays until that snapshot is deleted or expires; the snapshot may
     * refer to it. The expiry ensures that failing snapshots do not fill the disk.
     */
    public int deletePacks() {
        int deleted = 0;
        for (var claim = claim(); !claim.isEmpty(); claim = claim()) {
            var gone = delete(claim);
            deleted += database.alone(c -> Packs.forget(c, gone));
        }
        return deleted;
    }

    /** Deletes several packs concurrently, because requests to a bucket are slow, and returns the ids of the deleted ones. */
    private List<Long> delete(List<Condemned> claim) {
        var gone = new ConcurrentLinkedQueue<Long>();
        try (var workers =
                Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
            for (var pack : claim) {
                workers.execute(() -> {
                    try {
                        backends.of(pack.backend).delete(pack.key);
                        gone.add(pack.id);
                    } catch (IOException e) {
                        Log.warnf(e, "cannot delete pack %s yet", pack.key.path());
                    }
                });
            }
        }
        return List.copyOf(gone);
    }

    private List<Condemned> claim() {
        return database.alone(c -> {
            var claim = new ArrayList<Condemned>();
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
                        claim.add(new Condemned(rows.getLong("id"), PackKey.of(rows), rows.getInt("backend")));
                    }
                }
            }
            return claim;
        });
    }

    /**
     * Deletes what killed writers left behind. Their rows lead to it too, but only after lease and grace period. In a backend
     * that other replicas write to, recent uploads are left alone.
     */
    void onStart(@Observes StartupEvent start) {
        for (var backend : backends.all()) {
            try {
                int deleted = backend.deleteUnfinished(backend.longestPause());
                if (deleted > 0) {
                    Log.infof("deleted %d unfinished packs", deleted);
                }
            } catch (IOException e) {
                Log.warn("cannot look for unfinished packs", e);
            }
        }
    }

    /** Runs batches in separate transactions until one has nothing to do. */
    private int batches(Database.Work<Integer> batch) {
        int all = 0;
        for (int done = database.alone(batch); done > 0; done = database.alone(batch)) {
            all += done;
        }
        return all;
    }

    private static List<Long> ids(PreparedStatement statement) throws SQLException {
        var ids = new ArrayList<Long>();
        try (var rows = statement.executeQuery()) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }
}
