package dev.narthex.store.upkeep;

import dev.narthex.db.StoreDatabase;
import dev.narthex.store.PackLeases;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.pack.StoreConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Queries and updates rows of the table pack for moves between backends. */
@ApplicationScoped
public class PackMoveRows {
    private static final String IN_OTHER_BACKENDS = "p.state = 'L' AND p.backend = ANY (?)";

    private final StoreDatabase database;
    private final StoreConfig config;

    public PackMoveRows(StoreDatabase database, StoreConfig config) {
        this.database = database;
        this.config = config;
    }

    static PackMover.RemainingPacks remaining(Connection c, List<Integer> otherBackends) throws SQLException {
        try (var select =
                c.prepareStatement("SELECT count(*), coalesce(sum(bytes), 0) FROM pack p WHERE " + IN_OTHER_BACKENDS)) {
            setBackends(select, 1, otherBackends);
            try (var row = select.executeQuery()) {
                row.next();
                return new PackMover.RemainingPacks(row.getLong(1), row.getLong(2));
            }
        }
    }

    static List<PackMover.PendingPack> listPending(Connection c, List<Integer> otherBackends, long after, int limit)
            throws SQLException {
        try (var select = c.prepareStatement("""
                SELECT p.id, d.code, p.key, p.copy, p.backend, p.domain_id, p.bytes, p.crc32c
                FROM pack p JOIN dedup_domain d ON d.id = p.domain_id
                WHERE p.id > ? AND\s""" + IN_OTHER_BACKENDS + " ORDER BY p.id LIMIT ?")) {
            select.setLong(1, after);
            setBackends(select, 2, otherBackends);
            select.setInt(3, limit);
            var pending = new ArrayList<PackMover.PendingPack>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    pending.add(new PackMover.PendingPack(
                            rows.getLong("id"),
                            PackKey.of(rows),
                            rows.getInt("backend"),
                            rows.getLong("domain_id"),
                            rows.getLong("bytes"),
                            rows.getInt("crc32c")));
                }
            }
            return pending;
        }
    }

    private static void setBackends(PreparedStatement select, int index, List<Integer> backends) throws SQLException {
        select.setArray(index, select.getConnection().createArrayOf("smallint", backends.toArray()));
    }

    /** Inserts the row of a copy. The copy number is the id of this row, so it is unique. */
    public PackLeases.LeasedPack insertCopy(PackMover.PendingPack pack, Backend target) {
        long id = database.inNewTransaction(c -> {
            try (var insert = c.prepareStatement("""
                    WITH own AS (SELECT nextval(pg_get_serial_sequence('pack', 'id')) AS id)
                    INSERT INTO pack (id, key, copy, domain_id, backend, lease_until) OVERRIDING SYSTEM VALUE
                    SELECT id, ?, id, ?, ?, now() + make_interval(secs => ?) FROM own RETURNING id""")) {
                insert.setObject(1, pack.key().id());
                insert.setLong(2, pack.domainId());
                insert.setInt(3, target.number());
                insert.setDouble(4, StoreDatabase.toSeconds(config.lease()));
                try (var row = insert.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            }
        });
        return new PackLeases.LeasedPack(
                id, new PackKey(pack.key().domain(), pack.key().id(), id), target);
    }

    /**
     * Changes a pack's row to its copy. The pack's row is locked first: a concurrent transaction that condemns the pack either
     * runs before, so that nothing is replaced, or after, and condemns the copy.
     *
     * @return false if the pack is no longer live or no longer at its old place
     * @throws dev.narthex.problem.ProblemException if the lease of the copy was lost
     */
    boolean replaceByCopy(PackMover.PendingPack pack, PackLeases.LeasedPack copy) {
        return database.inNewTransaction(c -> {
            if (!lockPack(c, pack)) {
                return false;
            }
            PackLeases.deleteLeasedRow(c, copy);
            pointToCopy(c, pack, copy);
            insertCondemned(c, pack);
            return true;
        });
    }

    private static boolean lockPack(Connection c, PackMover.PendingPack pack) throws SQLException {
        try (var select = c.prepareStatement(
                "SELECT 1 FROM pack WHERE id = ? AND state = 'L' AND backend = ? AND copy = ? FOR UPDATE")) {
            select.setLong(1, pack.id());
            select.setInt(2, pack.backend());
            select.setLong(3, pack.key().copy());
            try (var row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static void pointToCopy(Connection c, PackMover.PendingPack pack, PackLeases.LeasedPack copy)
            throws SQLException {
        try (var update =
                c.prepareStatement("UPDATE pack SET backend = ?, copy = ?, verified_at = now() WHERE id = ?")) {
            update.setInt(1, copy.backend().number());
            update.setLong(2, copy.key().copy());
            update.setLong(3, pack.id());
            update.executeUpdate();
        }
    }

    /**
     * Inserts a condemned row for the bytes at the old place, so that they are deleted after the grace period. Snapshots do not
     * protect them: recovery finds a moved pack at its new place.
     */
    private void insertCondemned(Connection c, PackMover.PendingPack pack) throws SQLException {
        try (var insert = c.prepareStatement("""
                INSERT INTO pack (key, copy, domain_id, backend, state, bytes, raw_bytes, chunks, crc32c, created_at,
                    condemned_at, next_try)
                SELECT key, ?, domain_id, ?, 'C', bytes, raw_bytes, chunks, crc32c, created_at,
                    '-infinity', now() + make_interval(secs => ?)
                FROM pack WHERE id = ?""")) {
            insert.setLong(1, pack.key().copy());
            insert.setInt(2, pack.backend());
            insert.setDouble(3, StoreDatabase.toSeconds(config.grace()));
            insert.setLong(4, pack.id());
            insert.executeUpdate();
        }
    }
}
