package dev.narthex.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Brings a database that was just restored together with the store, which is older or newer than it. What the database names
 * and the store has not is given up, as damage is; what the store has and the database does not know is read, and becomes
 * NARs again as far as footers tell: no paths, since a pack is written before its path is known, and no small NARs, which
 * live in rows.
 *
 * <p>A pack that was moved to another backend is where it is found, whatever the older database says of it.
 *
 * <p>No server may run. Run again, it finds less to do.
 */
public final class Recovery {
    private static final int BATCH = 500;
    private static final String UNKNOWN = """
            FROM found_pack f WHERE NOT EXISTS (SELECT 1 FROM pack p WHERE p.key = f.key AND p.state <> 'W')""";

    /** Of packs that are not where their rows say, where they are. */
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
     * What was found.
     *
     * @param gone packs that the database names and the store has not, or has with another length
     * @param newNars that the database did not know; {@code mended} knew, and had given up
     * @param leftOver packs that make no NAR, or one that is there anyway
     * @param ofOthers packs of domains that the database does not know
     */
    public record Found(long gone, long newNars, long mended, long leftOver, long ofOthers) {}

    /**
     * Holds one against the other.
     *
     * @param connection that commits each statement; nothing else uses the database
     * @param backends all in which packs may lie
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

    /** All packs of a backend, beside the rows, so that either side is compared with the other by the database. */
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

    /** Packs that were moved after the database was written. A row that stood for the copy alone is not needed any more. */
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

    /** The NAR that caused a pack; packs that are only parts come with the one that names them. */
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
            // nothing names it yet: a week to push its path again, in which it counts as new
            change("UPDATE nar SET created_at = now() + interval '7 days' WHERE id = "
                    + entered.get().id());
        }
    }

    /** Where a row has it, if it is there; else any place. */
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

    /** What led to nothing goes the usual way, by a row. */
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
