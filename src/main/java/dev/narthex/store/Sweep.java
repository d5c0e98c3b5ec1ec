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
 * Collects what nothing refers to. Any process may run any step at any time beside pushes and other sweeps: each takes its
 * rows by row locks and leaves those that somebody holds.
 *
 * <p>NARs and packs go in <em>two statements</em> of one READ COMMITTED transaction: the first locks candidates, the second
 * asks again whether anything refers to them and acts. One statement would ask and act on the same snapshot, and miss the
 * reference of a push that committed while it waited for the lock: bytes would be lost. A push that comes second finds the
 * row gone or no longer live under its own lock, and uses its own bytes.
 */
@ApplicationScoped
public class Sweep {
    private static final int BATCH = 500;
    private static final int AT_ONCE = 8;
    /** What a lease may be late: clocks, pauses of a writer between two statements. */
    private static final Duration LATE = Duration.ofMinutes(5);
    /** Time to refer to a NAR after it was linked. */
    private static final Duration NEW = Duration.ofHours(1);

    /** How long an upload keeps its NAR without a narinfo. */
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
     * One round of every step below.
     *
     * @return how many rows were condemned or removed
     */
    public int run() {
        return condemnStaleWriters() + removeNars() + condemnPacks() + deletePacks();
    }

    /**
     * What may wait for a day: the look at every pack, and uploads whose narinfo never came.
     *
     * @return how many rows were condemned or removed
     */
    public int runSeldom() {
        return uploads.expire(UPLOADS) + condemnPacksByScan() + forgetHints();
    }

    /** Step H: hints of packs that are gone. They do no harm, since whoever looks them up looks for the pack. */
    public int forgetHints() {
        return batches(c -> {
            try (var delete = c.prepareStatement("""
                    DELETE FROM chunk_hint WHERE ctid = ANY (ARRAY(SELECT h.ctid FROM chunk_hint h
                        WHERE NOT EXISTS (SELECT 1 FROM pack p WHERE p.id = h.pack_id) LIMIT 10000))""")) {
                return delete.executeUpdate();
            }
        });
    }

    /** Step W: packs whose writer let its lease run out. */
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

    /** Step N: NARs that no path and no upload names. */
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

    /** Packs that have bytes of these NARs, for {@link #purge} when nothing names the NARs any more. */
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
     * Steps N, P and D at once, without waiting for an hour and a grace, for bytes that must not be kept any longer. What a
     * path or an upload names stays, and so do packs in which others have a part.
     *
     * @param packIds of {@link #packsOf}, asked before the last path went
     * @return whether all of these NARs are gone
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

    /** Another sweep may have condemned them already, with a grace; and snapshots that are kept do not hold them either. */
    private static void hasten(Connection c, List<Long> packs) throws SQLException {
        try (var update = c.prepareStatement(
                "UPDATE pack p SET next_try = now(), condemned_at = '-infinity' WHERE p.id = ANY (?) AND p.state = 'C' AND "
                        + UNREFERENCED)) {
            update.setArray(1, Packs.ids(c, packs));
            update.executeUpdate();
        }
    }

    /** Step P: packs that lost a reference and have none left. Fed by the queue that a trigger on references fills. */
    public int condemnPacks() {
        var start = database.alone(Sweep::now);
        int all = 0;
        for (var done = condemnSuspects(start); done.suspects > 0; done = condemnSuspects(start)) {
            all += done.condemned;
        }
        return all;
    }

    /** One batch of the queue. */
    private record Judged(int suspects, int condemned) {}

    /** @param start suspects that are put back are younger, and left for the next round */
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

    /** Step P by a look at every pack: the safety net for a queue that lost something. */
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

    /** A pack that a push held, and which the push then did not use, must come up again. */
    private static void requeue(Connection c, List<Long> suspects) throws SQLException {
        try (var insert = c.prepareStatement("INSERT INTO pack_suspect (pack_id) SELECT p.id FROM pack p"
                + " WHERE p.id = ANY (?) AND p.state IN ('L', 'Q') AND " + UNREFERENCED)) {
            insert.setArray(1, Packs.ids(c, suspects));
            insert.executeUpdate();
        }
    }

    /** A condemned pack whose time has come. */
    private record Condemned(long id, PackKey key, int backend) {}

    /**
     * Step D: the bytes of condemned packs, and what their writers left unfinished. What fails is tried again later. A pack
     * that a kept snapshot of the database may name stays until that is gone: it was condemned after the snapshot was taken.
     * Longer than such a snapshot is kept at all it does not wait, so that failing snapshots do not fill the disk.
     */
    public int deletePacks() {
        int deleted = 0;
        for (var claim = claim(); !claim.isEmpty(); claim = claim()) {
            var gone = delete(claim);
            deleted += database.alone(c -> Packs.forget(c, gone));
        }
        return deleted;
    }

    /** Several at a time: a bucket takes longer to answer than to delete. Returns the ids of those that are gone. */
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
     * What writers left that were killed. Their rows lead to it too, but only after lease and grace. In a backend that other
     * replicas write to, what is young may be theirs.
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

    /** Each batch in a transaction of its own, until one finds nothing to do. */
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
