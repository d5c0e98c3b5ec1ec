package dev.narthex.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Reconciles a database that was just restored with the store, which may be older or newer. Packs that are in the database but
 * not in the store are marked as damaged. Packs that are in the store but not in the database are read, and their NARs are
 * restored as far as footers allow. Not restored are paths, because a pack is written before its path is known, and small NARs,
 * because they are stored in rows.
 *
 * <p>If a pack was moved to another backend after the backup, its row is updated to where the pack is found.
 *
 * <p>No server may be running. Recovery can be repeated; the next run has less to do.
 */
public final class Recovery {
    private static final int BATCH = 500;
    private static final String UNKNOWN = """
            FROM found_pack f WHERE NOT EXISTS (SELECT 1 FROM pack p WHERE p.key = f.key AND p.state <> 'W')""";

    /** Finds packs that are not where their rows say, but in another place. */
    private static final String ELSEWHERE = """
            WITH lost AS (SELECT p.id, p.key, p.bytes FROM pack p WHERE p.state = 'L' AND NOT EXISTS (
              SELECT 1 FROM found_pack f WHERE f.key = p.key AND f.copy = p.copy AND f.backend = p.backend AND f.bytes = p.bytes))
            SELECT DISTINCT ON (l.id) l.id, f.key, f.copy, f.backend
            FROM lost l JOIN found_pack f ON f.key = l.key AND f.bytes = l.bytes ORDER BY l.id, f.copy""";

    private final Connection connection;
    private final List<Backend> backends;
    private final PackReading reading;
    private long newNars;
    private long mended;

    private Recovery(Connection connection, List<Backend> backends) {
        this.connection = connection;
        this.backends = backends;
        this.reading = new PackReading(this::place);
    }

    /**
     * The result of a recovery.
     *
     * @param gone packs in the database that are missing from the store or have another length there
     * @param newNars NARs that the database did not contain
     * @param mended NARs that the database contained as damaged
     * @param leftOver packs that yielded no NAR, such as incomplete ones and extra copies; they are condemned
     * @param ofOthers packs of domains that the database does not contain
     */
    public record Found(long gone, long newNars, long mended, long leftOver, long ofOthers) {}

    /**
     * Runs the recovery.
     *
     * @param connection in auto-commit mode; the database must not be in use otherwise
     * @param backends all backends that may contain packs
     */
    public static Found run(Connection connection, List<Backend> backends) throws SQLException, IOException {
        return new Recovery(connection, backends).run();
    }

    private Found run() throws SQLException, IOException {
        change("DROP TABLE IF EXISTS found_pack");
        change("""
                CREATE TEMP TABLE found_pack (domain text NOT NULL, key uuid NOT NULL, copy bigint NOT NULL,
                  backend smallint NOT NULL, bytes bigint NOT NULL, PRIMARY KEY (key, copy, backend))""");
        for (var backend : backends) {
            list(backend);
        }
        change("ANALYZE found_pack");
        connection.setAutoCommit(false);
        try {
            follow();
            int gone = giveUpGone();
            connection.commit();
            long others = change(
                    "DELETE FROM found_pack f WHERE NOT EXISTS (SELECT 1 FROM dedup_domain d WHERE d.code = f.domain)");
            for (var batch = unknown(new UUID(0, 0));
                    !batch.isEmpty();
                    batch = unknown(batch.getLast().id())) {
                for (var key : batch) {
                    take(key);
                    connection.commit();
                }
            }
            int left = condemnRest();
            connection.commit();
            return new Found(gone, newNars, mended, left, others);
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /** Writes the names of all packs of a backend to a temporary table, so that the database can compare them with its rows. */
    private void list(Backend backend) throws SQLException, IOException {
        connection.setAutoCommit(false);
        try (var objects = backend.list(PackKey.FOLDER);
                var insert = connection.prepareStatement(
                        "INSERT INTO found_pack VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            int waiting = 0;
            for (var all = objects.iterator(); all.hasNext(); ) {
                var object = all.next();
                var key = PackKey.parse(object.path());
                if (key.isPresent()) {
                    insert.setString(1, key.get().domain());
                    insert.setObject(2, key.get().id());
                    insert.setLong(3, key.get().copy());
                    insert.setInt(4, backend.number());
                    insert.setLong(5, object.bytes());
                    insert.addBatch();
                    waiting++;
                }
                if (waiting == BATCH) {
                    insert.executeBatch();
                    waiting = 0;
                }
            }
            insert.executeBatch();
            connection.commit();
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /**
     * Updates the rows of packs that were moved after the backup. Rows of unfinished or deleted copies at the new place are
     * removed.
     */
    private void follow() throws SQLException {
        change("CREATE TEMP TABLE moved ON COMMIT DROP AS " + ELSEWHERE);
        change("DELETE FROM pack p USING moved m WHERE p.key = m.key AND p.copy = m.copy AND p.state IN ('W', 'C')");
        change("UPDATE pack p SET backend = m.backend, copy = m.copy FROM moved m WHERE p.id = m.id");
        connection.commit();
    }

    private int giveUpGone() throws SQLException {
        int gone = change("""
                UPDATE pack p SET state = 'Q', verified_at = now(), damage = 'it was not there when the database was restored'
                WHERE state = 'L' AND NOT EXISTS (SELECT 1 FROM found_pack f
                  WHERE f.key = p.key AND f.copy = p.copy AND f.backend = p.backend AND f.bytes = p.bytes)""");
        change("""
                UPDATE nar SET state = 'B', damaged_at = now() WHERE state = 'L' AND id IN (
                  SELECT r.nar_id FROM pack_ref r JOIN pack p ON p.id = r.pack_id WHERE p.state = 'Q')""");
        return gone;
    }

    private List<PackKey> unknown(UUID after) throws SQLException {
        try (var select = connection.prepareStatement(
                "SELECT DISTINCT f.key, f.domain " + UNKNOWN + " AND f.key > ? ORDER BY f.key LIMIT " + BATCH)) {
            select.setObject(1, after);
            var keys = new ArrayList<PackKey>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    keys.add(new PackKey(rows.getString("domain"), rows.getObject("key", UUID.class)));
                }
            }
            return keys;
        }
    }

    /**
     * Restores the NAR that a pack's footer describes. Packs that are only parts are restored with the last pack of their NAR.
     */
    private void take(PackKey key) throws SQLException, IOException {
        PackReading.Read read;
        try {
            read = reading.read(key.domain(), key.id());
        } catch (DamagedException e) {
            return;
        }
        if (read.parts().isEmpty()) {
            return;
        }
        var domain = domain(key.domain());
        var ids = new ArrayList<Long>();
        for (var part : read.parts()) {
            ids.add(live(domain, part));
        }
        var entered = NarRows.upsert(connection, read.facts(domain), read.packed(ids));
        if (entered.isEmpty()) {
            change("INSERT INTO pack_suspect (pack_id) SELECT unnest('{"
                    + ids.toString().replaceAll("[\\[\\] ]", "") + "}'::bigint[])");
            return;
        }
        NarRows.refer(connection, entered.get(), ids);
        if (entered.get().mended()) {
            mended++;
        } else {
            newNars++;
            // gives users 7 days to push its path again; until then no path refers to it and it could be collected
            change("UPDATE nar SET created_at = now() + interval '7 days' WHERE id = "
                    + entered.get().id());
        }
    }

    /** Returns where a pack is: the copy that a row refers to if it was found, else any copy. */
    private PackReading.Place place(String domain, UUID pack) throws IOException {
        try (var select = connection.prepareStatement("""
                SELECT f.domain AS code, f.key, f.copy, f.backend FROM found_pack f
                LEFT JOIN pack p ON p.key = f.key AND p.copy = f.copy AND p.backend = f.backend AND p.state IN ('L', 'Q')
                WHERE f.key = ? AND f.domain = ? ORDER BY p.id, f.copy LIMIT 1""")) {
            select.setObject(1, pack);
            select.setString(2, domain);
            try (var row = select.executeQuery()) {
                if (!row.next()) {
                    throw new DamagedException("pack " + pack + " is gone");
                }
                int number = row.getInt("backend");
                var backend = backends.stream()
                        .filter(b -> b.number() == number)
                        .findFirst()
                        .orElseThrow();
                return new PackReading.Place(PackKey.of(row), backend);
            }
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    private long domain(String code) throws SQLException {
        try (var select = connection.prepareStatement("SELECT id FROM dedup_domain WHERE code = ?")) {
            select.setString(1, code);
            try (var row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private long live(long domain, PackReading.Part part) throws SQLException {
        try (var insert = connection.prepareStatement("""
                INSERT INTO pack (key, copy, backend, domain_id, state, bytes, raw_bytes, chunks, crc32c)
                VALUES (?, ?, ?, ?, 'L', ?, ?, ?, ?)
                ON CONFLICT (key, copy) DO UPDATE SET state = 'L', backend = EXCLUDED.backend, lease_until = NULL, condemned_at = NULL, next_try = NULL,
                  damage = NULL, bytes = EXCLUDED.bytes,
                  raw_bytes = EXCLUDED.raw_bytes, chunks = EXCLUDED.chunks, crc32c = EXCLUDED.crc32c RETURNING id""")) {
            insert.setObject(1, part.place().key().id());
            insert.setLong(2, part.place().key().copy());
            insert.setInt(3, part.place().backend().number());
            insert.setLong(4, domain);
            insert.setLong(5, part.bytes());
            insert.setLong(6, part.rawBytes());
            insert.setInt(7, part.chunks());
            insert.setInt(8, part.crc32c());
            try (var row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** Inserts condemned rows for packs that yielded nothing, so that the sweep deletes them. */
    private int condemnRest() throws SQLException {
        return change("""
                INSERT INTO pack (key, copy, backend, domain_id, state, bytes, condemned_at, next_try)
                SELECT f.key, f.copy, f.backend, d.id, 'C', f.bytes, now(), now() + interval '1 day'
                FROM found_pack f JOIN dedup_domain d ON d.code = f.domain
                WHERE NOT EXISTS (SELECT 1 FROM pack p WHERE p.key = f.key AND p.copy = f.copy)
                ON CONFLICT DO NOTHING""");
    }

    private int change(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }
}
