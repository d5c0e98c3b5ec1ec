package dev.narthex.store.upkeep;

import dev.narthex.db.ConnectionDatabase;
import dev.narthex.db.Database;
import dev.narthex.store.NarRows;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.DamagedException;
import dev.narthex.store.pack.PackKey;
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
public final class StoreRecovery {
    private static final int BATCH_SIZE = 500;
    private static final String UNKNOWN_PACKS = """
            FROM found_pack f WHERE NOT EXISTS (SELECT 1 FROM pack p WHERE p.key = f.key AND p.state <> 'W')""";

    /** Finds packs that are not where their rows say, but in another place. */
    private static final String MOVED_PACKS = """
            WITH lost AS (SELECT p.id, p.key, p.bytes FROM pack p WHERE p.state = 'L' AND NOT EXISTS (
              SELECT 1 FROM found_pack f WHERE f.key = p.key AND f.copy = p.copy AND f.backend = p.backend AND f.bytes = p.bytes))
            SELECT DISTINCT ON (l.id) l.id, f.key, f.copy, f.backend
            FROM lost l JOIN found_pack f ON f.key = l.key AND f.bytes = l.bytes ORDER BY l.id, f.copy""";

    private final Connection connection;
    private final Database database;
    private final List<Backend> backends;
    private final PackReader packReader;
    private long newNars;
    private long repairedNars;

    private StoreRecovery(Connection connection, List<Backend> backends) {
        this.connection = connection;
        this.database = new ConnectionDatabase(connection);
        this.backends = backends;
        this.packReader = new PackReader(this::locatePack);
    }

    /**
     * The result of a recovery.
     *
     * @param missingPacks packs in the database that are missing from the store or have another length there
     * @param newNars NARs that the database did not contain
     * @param repairedNars NARs that the database contained as damaged
     * @param condemnedPacks packs that yielded no NAR, such as incomplete ones and extra copies; they are condemned
     * @param foreignPacks packs of domains that the database does not contain
     */
    public record RecoveryResult(
            long missingPacks, long newNars, long repairedNars, long condemnedPacks, long foreignPacks) {}

    /**
     * Runs the recovery.
     *
     * @param connection in auto-commit mode; the database must not be in use otherwise
     * @param backends all backends that may contain packs
     */
    public static RecoveryResult run(Connection connection, List<Backend> backends) throws SQLException, IOException {
        return new StoreRecovery(connection, backends).run();
    }

    private RecoveryResult run() throws SQLException, IOException {
        update("DROP TABLE IF EXISTS found_pack");
        update("""
                CREATE TEMP TABLE found_pack (domain text NOT NULL, key uuid NOT NULL, copy bigint NOT NULL,
                  backend smallint NOT NULL, bytes bigint NOT NULL, PRIMARY KEY (key, copy, backend))""");
        for (var backend : backends) {
            recordPacks(backend);
        }
        update("ANALYZE found_pack");
        connection.setAutoCommit(false);
        try {
            updateMovedPacks();
            int missing = markMissingPacks();
            connection.commit();
            long foreign = update(
                    "DELETE FROM found_pack f WHERE NOT EXISTS (SELECT 1 FROM dedup_domain d WHERE d.code = f.domain)");
            for (var batch = listUnknownPacks(new UUID(0, 0));
                    !batch.isEmpty();
                    batch = listUnknownPacks(batch.getLast().id())) {
                for (var key : batch) {
                    restoreNar(key);
                    connection.commit();
                }
            }
            int condemned = condemnUnusedPacks();
            connection.commit();
            return new RecoveryResult(missing, newNars, repairedNars, condemned, foreign);
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /**
     * Writes the names of all packs of a backend to a temporary table, so that the database can compare them with its rows. Uses
     * JDBC for batches.
     */
    private void recordPacks(Backend backend) throws SQLException, IOException {
        connection.setAutoCommit(false);
        try (var objects = backend.list(PackKey.FOLDER);
                var insert = connection.prepareStatement(
                        "INSERT INTO found_pack VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            int batched = 0;
            for (var iterator = objects.iterator(); iterator.hasNext(); ) {
                var object = iterator.next();
                var key = PackKey.parse(object.path());
                if (key.isPresent()) {
                    insert.setString(1, key.get().domain());
                    insert.setObject(2, key.get().id());
                    insert.setLong(3, key.get().copy());
                    insert.setInt(4, backend.number());
                    insert.setLong(5, object.bytes());
                    insert.addBatch();
                    batched++;
                }
                if (batched == BATCH_SIZE) {
                    insert.executeBatch();
                    batched = 0;
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
    private void updateMovedPacks() throws SQLException {
        update("CREATE TEMP TABLE moved ON COMMIT DROP AS " + MOVED_PACKS);
        update("DELETE FROM pack p USING moved m WHERE p.key = m.key AND p.copy = m.copy AND p.state IN ('W', 'C')");
        update("UPDATE pack p SET backend = m.backend, copy = m.copy FROM moved m WHERE p.id = m.id");
        connection.commit();
    }

    private int markMissingPacks() {
        int missing = update("""
                UPDATE pack p SET state = 'Q', verified_at = now(), damage = 'it was not there when the database was restored'
                WHERE state = 'L' AND NOT EXISTS (SELECT 1 FROM found_pack f
                  WHERE f.key = p.key AND f.copy = p.copy AND f.backend = p.backend AND f.bytes = p.bytes)""");
        update("""
                UPDATE nar SET state = 'B', damaged_at = now() WHERE state = 'L' AND id IN (
                  SELECT r.nar_id FROM pack_ref r JOIN pack p ON p.id = r.pack_id WHERE p.state = 'Q')""");
        return missing;
    }

    private List<PackKey> listUnknownPacks(UUID after) {
        return database.statement("SELECT DISTINCT f.key, f.domain " + UNKNOWN_PACKS
                        + " AND f.key > :after ORDER BY f.key LIMIT :limit")
                .bind("after", after)
                .bind("limit", BATCH_SIZE)
                .list(row -> new PackKey(row.string("domain"), row.uuid("key")));
    }

    /**
     * Restores the NAR that a pack's footer describes. Packs that are only parts are restored with the last pack of their NAR.
     */
    private void restoreNar(PackKey key) throws IOException {
        PackReader.RecoveredNar nar;
        try {
            nar = packReader.read(key.domain(), key.id());
        } catch (DamagedException e) {
            return;
        }
        if (nar.parts().isEmpty()) {
            return;
        }
        var domainId = getDomainId(key.domain());
        var ids = new ArrayList<Long>();
        for (var part : nar.parts()) {
            ids.add(upsertLivePack(domainId, part));
        }
        var upserted = NarRows.upsert(database, nar.description(domainId), nar.toAssembledNar(ids));
        if (upserted.isEmpty()) {
            database.statement("INSERT INTO pack_suspect (pack_id) SELECT unnest(:packs)")
                    .bindIds("packs", ids)
                    .update();
            return;
        }
        NarRows.insertReferences(database, upserted.get(), ids);
        if (upserted.get().repaired()) {
            repairedNars++;
        } else {
            newNars++;
            // gives users 7 days to push its path again; until then no path refers to it and it could be collected
            database.statement("UPDATE nar SET created_at = now() + interval '7 days' WHERE id = :nar")
                    .bind("nar", upserted.get().id())
                    .update();
        }
    }

    /** Returns where a pack is: the copy that a row refers to if it was found, else any copy. */
    private PackReader.PackLocation locatePack(String domain, UUID pack) throws DamagedException {
        var row = database.statement("""
                        SELECT f.domain AS code, f.key, f.copy, f.backend FROM found_pack f
                        LEFT JOIN pack p ON p.key = f.key AND p.copy = f.copy AND p.backend = f.backend AND p.state IN ('L', 'Q')
                        WHERE f.key = :key AND f.domain = :domain ORDER BY p.id, f.copy LIMIT 1""")
                .bind("key", pack)
                .bind("domain", domain)
                .first()
                .orElseThrow(() -> new DamagedException("pack " + pack + " is gone"));
        int number = row.intValue("backend");
        var backend = backends.stream()
                .filter(candidate -> candidate.number() == number)
                .findFirst()
                .orElseThrow();
        return new PackReader.PackLocation(PackKey.of(row), backend);
    }

    private long getDomainId(String code) {
        return database.statement("SELECT id FROM dedup_domain WHERE code = :code")
                .bind("code", code)
                .one()
                .longValue("id");
    }

    private long upsertLivePack(long domainId, PackReader.PackRow part) {
        return database.statement("""
                        INSERT INTO pack (key, copy, backend, domain_id, state, bytes, raw_bytes, chunks, crc32c)
                        VALUES (:key, :copy, :backend, :domain, 'L', :bytes, :rawBytes, :chunks, :crc32c)
                        ON CONFLICT (key, copy) DO UPDATE SET
                          state = 'L', backend = EXCLUDED.backend, lease_until = NULL, condemned_at = NULL, next_try = NULL,
                          damage = NULL, bytes = EXCLUDED.bytes, raw_bytes = EXCLUDED.raw_bytes, chunks = EXCLUDED.chunks,
                          crc32c = EXCLUDED.crc32c
                        RETURNING id""")
                .bind("key", part.location().key().id())
                .bind("copy", part.location().key().copy())
                .bind("backend", part.location().backend().number())
                .bind("domain", domainId)
                .bind("bytes", part.bytes())
                .bind("rawBytes", part.rawBytes())
                .bind("chunks", part.chunks())
                .bind("crc32c", part.crc32c())
                .one()
                .longValue("id");
    }

    /** Inserts condemned rows for packs that yielded nothing, so that the sweep deletes them. */
    private int condemnUnusedPacks() {
        return update("""
                INSERT INTO pack (key, copy, backend, domain_id, state, bytes, condemned_at, next_try)
                SELECT f.key, f.copy, f.backend, d.id, 'C', f.bytes, now(), now() + interval '1 day'
                FROM found_pack f JOIN dedup_domain d ON d.code = f.domain
                WHERE NOT EXISTS (SELECT 1 FROM pack p WHERE p.key = f.key AND p.copy = f.copy)
                ON CONFLICT DO NOTHING""");
    }

    private int update(String sql) {
        return database.statement(sql).update();
    }
}
