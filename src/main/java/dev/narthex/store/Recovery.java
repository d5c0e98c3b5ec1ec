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
 * <p>No server may run. Run again, it finds less to do.
 */
public final class Recovery {
    private static final int BATCH = 500;
    private static final String UNKNOWN = """
            FROM found_pack f JOIN dedup_domain d ON d.code = f.domain LEFT JOIN pack p ON p.key = f.key
            WHERE (p.id IS NULL OR p.state = 'W')""";

    private final Connection connection;
    private final Backend backend;
    private final PackReading reading;
    private long newNars;
    private long mended;

    private Recovery(Connection connection, Backend backend) {
        this.connection = connection;
        this.backend = backend;
        this.reading = new PackReading(backend);
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

    /** @param connection that commits each statement; nothing else uses the database */
    public static Found run(Connection connection, Backend backend) throws SQLException, IOException {
        return new Recovery(connection, backend).run();
    }

    private Found run() throws SQLException, IOException {
        list();
        connection.setAutoCommit(false);
        try {
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

    /** All packs of the store, beside the rows, so that either side is compared with the other by the database. */
    private void list() throws SQLException, IOException {
        change("DROP TABLE IF EXISTS found_pack");
        change("CREATE TEMP TABLE found_pack (domain text NOT NULL, key uuid PRIMARY KEY, bytes bigint NOT NULL)");
        connection.setAutoCommit(false);
        try (var objects = backend.list(PackKey.FOLDER);
                var insert =
                        connection.prepareStatement("INSERT INTO found_pack VALUES (?, ?, ?) ON CONFLICT DO NOTHING")) {
            int waiting = 0;
            for (var all = objects.iterator(); all.hasNext(); ) {
                var object = all.next();
                var key = PackKey.parse(object.path());
                if (key.isPresent()) {
                    insert.setString(1, key.get().domain());
                    insert.setObject(2, key.get().id());
                    insert.setLong(3, object.bytes());
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
        change("ANALYZE found_pack");
    }

    private int giveUpGone() throws SQLException {
        int gone = change("""
                UPDATE pack p SET state = 'Q', verified_at = now(), damage = 'it was not there when the database was restored'
                WHERE state = 'L' AND NOT EXISTS (SELECT 1 FROM found_pack f WHERE f.key = p.key AND f.bytes = p.bytes)""");
        change("""
                UPDATE nar SET state = 'B' WHERE state = 'L' AND id IN (
                  SELECT r.nar_id FROM pack_ref r JOIN pack p ON p.id = r.pack_id WHERE p.state = 'Q')""");
        return gone;
    }

    private List<PackKey> unknown(UUID after) throws SQLException {
        try (var select = connection.prepareStatement(
                "SELECT f.domain, f.key " + UNKNOWN + " AND f.key > ? ORDER BY f.key LIMIT " + BATCH)) {
            select.setObject(1, after);
            var keys = new ArrayList<PackKey>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    keys.add(new PackKey(rows.getString(1), rows.getObject(2, UUID.class)));
                }
            }
            return keys;
        }
    }

    /** The NAR that caused a pack; packs that are only parts come with the one that names them. */
    private void take(PackKey key) throws SQLException, IOException {
        PackReading.Read read;
        try {
            read = reading.read(key);
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
                INSERT INTO pack (key, domain_id, state, bytes, raw_bytes, chunks, crc32c) VALUES (?, ?, 'L', ?, ?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET state = 'L', lease_until = NULL, condemned_at = NULL, next_try = NULL,
                  damage = NULL, bytes = EXCLUDED.bytes,
                  raw_bytes = EXCLUDED.raw_bytes, chunks = EXCLUDED.chunks, crc32c = EXCLUDED.crc32c RETURNING id""")) {
            insert.setObject(1, part.key().id());
            insert.setLong(2, domain);
            insert.setLong(3, part.bytes());
            insert.setLong(4, part.rawBytes());
            insert.setInt(5, part.chunks());
            insert.setInt(6, part.crc32c());
            try (var row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** What led to nothing goes the usual way, by a row. */
    private int condemnRest() throws SQLException {
        return change("""
                INSERT INTO pack (key, domain_id, state, bytes, condemned_at, next_try)
                SELECT f.key, d.id, 'C', f.bytes, now(), now() + interval '1 day'\s""" + UNKNOWN + " AND p.id IS NULL");
    }

    private int change(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }
}
