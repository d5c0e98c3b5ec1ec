package dev.narthex.store;

import dev.narthex.db.StoreDatabase;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.pack.Recipe;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Queries and updates the tables nar and pack_ref. */
@ApplicationScoped
public class NarRows {
    private static final String SELECT_NAR =
            "SELECT id, domain_id, nar_hash, nar_size, file_size, file_hash, encoding, kind FROM nar_facts WHERE ";

    private final StoreDatabase database;
    private final PackLeases packs;

    public NarRows(StoreDatabase database, PackLeases packs) {
        this.database = database;
        this.packs = packs;
    }

    /**
     * The columns of a NAR that do not depend on where its bytes are stored.
     *
     * @param listing zstd-compressed JSON listing
     */
    public record NarDescription(long domainId, NixHash narHash, long narSize, byte[] listing) {}

    /** Locates the frames of a NAR: inline in its row, or in packs by recipe. Columns that are null become empty arrays. */
    public record FrameSource(byte[] inline, byte[] extents, byte[] chunkLengths) {}

    /** A pack to read from: its key, the number of its backend and its size in bytes. */
    record StoredPack(PackKey key, int backend, long bytes) {}

    public Optional<Nar> find(long id) {
        return database.inTransaction(c -> {
            try (var select = c.prepareStatement(SELECT_NAR + "id = ?")) {
                select.setLong(1, id);
                return queryOne(select, NarRows::toNar);
            }
        });
    }

    public Optional<Nar> find(long domainId, NixHash narHash) {
        return database.inTransaction(c -> {
            try (var select = c.prepareStatement(SELECT_NAR + "domain_id = ? AND nar_hash = ?")) {
                select.setLong(1, domainId);
                select.setBytes(2, narHash.bytes());
                return queryOne(select, NarRows::toNar);
            }
        });
    }

    /**
     * Finds a NAR that a path of this cache refers to, or that was uploaded to this cache and has no narinfo yet.
     * Otherwise empty, even if other caches of the domain have the NAR.
     *
     * <p>Each subquery seeks the first index entry at or after (NAR, cache) and then compares it. With a plain equality, in
     * EXISTS or with LIMIT 1, the planner chooses a sequential scan when many rows share a NAR: it expects a match early, but
     * reads a million rows if this cache has none.
     */
    Optional<Nar> findInCache(long domainId, NixHash narHash, long cacheId) {
        return database.inTransaction(c -> {
            try (var select = c.prepareStatement(SELECT_NAR + """
                    domain_id = ? AND nar_hash = ? AND coalesce(
                      (SELECT p.nar_id = nar_facts.id AND p.cache_id = ? FROM path p
                        WHERE (p.nar_id, p.cache_id) >= (nar_facts.id, ?) ORDER BY p.nar_id, p.cache_id LIMIT 1)
                      OR (SELECT u.nar_id = nar_facts.id AND u.cache_id = ? FROM nar_upload u
                        WHERE (u.nar_id, u.cache_id) >= (nar_facts.id, ?) ORDER BY u.nar_id, u.cache_id LIMIT 1), false)""")) {
                select.setLong(1, domainId);
                select.setBytes(2, narHash.bytes());
                for (int index = 3; index <= 6; index++) {
                    select.setLong(index, cacheId);
                }
                return queryOne(select, NarRows::toNar);
            }
        });
    }

    Optional<byte[]> findListing(long id) {
        return database.inTransaction(c -> {
            try (var select = c.prepareStatement("SELECT listing FROM nar WHERE id = ? AND state = 'L'")) {
                select.setLong(1, id);
                return queryOne(select, row -> row.getBytes(1));
            }
        });
    }

    /** Empty if the NAR was deleted, is damaged, or was stored again under another encoding. */
    public Optional<FrameSource> findFrames(Nar nar) {
        return database.inTransaction(c -> {
            try (var select = c.prepareStatement(
                    "SELECT inline, extents, chunk_lens FROM nar WHERE id = ? AND encoding = ? AND state = 'L'")) {
                select.setLong(1, nar.id());
                select.setObject(2, nar.encoding());
                return queryOne(
                        select,
                        row -> new FrameSource(bytesOrEmpty(row, 1), bytesOrEmpty(row, 2), bytesOrEmpty(row, 3)));
            }
        });
    }

    /** Finds the pack of a NAR of kind 1. Empty for other kinds, and in the cases in which {@link #findFrames} is empty. */
    Optional<StoredPack> findPack(Nar nar) {
        return database.inTransaction(c -> {
            try (var select = c.prepareStatement("""
                    SELECT d.code, p.key, p.copy, p.backend, p.bytes
                    FROM nar n JOIN pack_ref r ON r.nar_id = n.id
                    JOIN pack p ON p.id = r.pack_id JOIN dedup_domain d ON d.id = p.domain_id
                    WHERE n.id = ? AND n.encoding = ? AND n.state = 'L' AND n.kind = 1""")) {
                select.setLong(1, nar.id());
                select.setObject(2, nar.encoding());
                return queryOne(select, NarRows::toStoredPack);
            }
        });
    }

    /** Returns packs in the order of the ids; deleted packs are left out. */
    List<StoredPack> listPacks(List<Long> ids) {
        return database.inTransaction(c -> {
            try (var select = c.prepareStatement("""
                    SELECT d.code, p.key, p.copy, p.backend, p.bytes
                    FROM unnest(?) WITH ORDINALITY wanted (id, place)
                    JOIN pack p USING (id) JOIN dedup_domain d ON d.id = p.domain_id ORDER BY place""")) {
                select.setArray(1, PackLeases.toSqlArray(c, ids));
                var storedPacks = new ArrayList<StoredPack>();
                try (var rows = select.executeQuery()) {
                    while (rows.next()) {
                        storedPacks.add(toStoredPack(rows));
                    }
                }
                return storedPacks;
            }
        });
    }

    /**
     * Queues a check of a NAR that a reader found damaged. The next scrub step, within about a minute, reads its packs, or its
     * row, before all others. Further calls before that check have no effect, so readers cannot cause more than one check at a
     * time. Database errors are only logged, so that the reader still gets its response.
     */
    void markSuspect(Nar nar) {
        try {
            int queued = database.inNewTransaction(
                    c -> nar.kind() == 0 ? queueRowCheck(c, nar.id()) : queuePackChecks(c, nar.id()));
            if (queued > 0) {
                Log.warnf("NAR %s is damaged; a check is queued", nar.narHash());
            }
        } catch (RuntimeException e) {
            Log.warnf(e, "NAR %s is damaged; its check could not be queued", nar.narHash());
        }
    }

    private static int queuePackChecks(Connection c, long narId) throws SQLException {
        try (var update = c.prepareStatement("""
                UPDATE pack SET verified_at = '-infinity', check_after = NULL
                WHERE state = 'L' AND verified_at > '-infinity'
                  AND id IN (SELECT pack_id FROM pack_ref WHERE nar_id = ?)""")) {
            update.setLong(1, narId);
            return update.executeUpdate();
        }
    }

    /** Moves the scrub of inline NARs back to this NAR; NARs with higher ids are checked again, 500 per step. */
    private static int queueRowCheck(Connection c, long narId) throws SQLException {
        try (var update = c.prepareStatement(
                "UPDATE scrub SET inline_after = ? WHERE inline_after IS NULL OR inline_after >= ?")) {
            update.setLong(1, narId - 1);
            update.setLong(2, narId);
            return update.executeUpdate();
        }
    }

    /** Returns when damage to a NAR was found; empty if the NAR is intact or was deleted. */
    Optional<Instant> findDamagedAt(long id) {
        return database.inTransaction(c -> {
            try (var select = c.prepareStatement("SELECT damaged_at FROM nar_damage WHERE id = ?")) {
                select.setLong(1, id);
                return queryOne(
                        select, row -> row.getObject(1, OffsetDateTime.class).toInstant());
            }
        });
    }

    /** Locks a live NAR against garbage collection until the transaction ends. */
    Optional<Long> lockShared(long domainId, NixHash narHash) {
        return database.inTransaction(c -> {
            try (var select = c.prepareStatement(
                    "SELECT id FROM nar WHERE domain_id = ? AND nar_hash = ? AND state = 'L' FOR SHARE")) {
                select.setLong(1, domainId);
                select.setBytes(2, narHash.bytes());
                return queryOne(select, row -> row.getLong(1));
            }
        });
    }

    boolean lockShared(long id) {
        return database.inTransaction(c -> {
            try (var select = c.prepareStatement("SELECT id FROM nar WHERE id = ? AND state = 'L' FOR SHARE")) {
                select.setLong(1, id);
                return queryOne(select, row -> row.getLong(1)).isPresent();
            }
        });
    }

    /** Inserts a NAR and its references to packs, or repairs the row of a damaged NAR. Empty if an intact row already exists. */
    Optional<Long> insert(NarDescription description, PackAssembler.AssembledNar assembled) {
        return database.inTransaction(c -> {
            var upserted = upsert(c, description, assembled);
            if (upserted.isPresent()) {
                requireLivePacks(c, assembled.sharedPackIds());
                for (var pack : assembled.packs()) {
                    packs.markLive(c, pack);
                }
                insertReferences(c, upserted.get(), assembled.recipe().packs());
            }
            return upserted.map(UpsertedNar::id);
        });
    }

    /** Locks packs of other NARs until the transaction ends. Fails if one was condemned or damaged since it was found. */
    private static void requireLivePacks(Connection c, List<Long> sharedPackIds) throws SQLException {
        if (sharedPackIds.isEmpty()) {
            return;
        }
        try (var lock =
                c.prepareStatement("SELECT id FROM pack WHERE id = ANY (?) AND state = 'L' ORDER BY id FOR SHARE")) {
            lock.setArray(1, PackLeases.toSqlArray(c, sharedPackIds));
            int lockedPacks = 0;
            try (var rows = lock.executeQuery()) {
                while (rows.next()) {
                    lockedPacks++;
                }
            }
            if (lockedPacks < sharedPackIds.size()) {
                throw Problem.unavailable(
                        "Something that this NAR has in common with another was removed while it was sent."
                                + " Send it once more.",
                        1);
            }
        }
    }

    /**
     * An inserted or repaired row.
     *
     * @param repaired whether the row existed, so that it still has references to its old packs
     */
    public record UpsertedNar(long id, boolean repaired) {}

    public static Optional<UpsertedNar> upsert(
            Connection c, NarDescription description, PackAssembler.AssembledNar assembled) throws SQLException {
        try (var insert = c.prepareStatement("""
                INSERT INTO nar (domain_id, nar_hash, nar_size, listing,
                                 kind, encoding, file_size, file_hash, inline, extents, chunk_lens)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (domain_id, nar_hash) DO UPDATE SET
                    state = 'L', damaged_at = NULL, listing = EXCLUDED.listing, kind = EXCLUDED.kind, encoding = EXCLUDED.encoding,
                    file_size = EXCLUDED.file_size, file_hash = EXCLUDED.file_hash, inline = EXCLUDED.inline,
                    extents = EXCLUDED.extents, chunk_lens = EXCLUDED.chunk_lens, created_at = now()
                WHERE nar.state = 'B' RETURNING id, xmax <> 0""")) {
            boolean isInline = assembled.inline().isPresent();
            insert.setLong(1, description.domainId());
            insert.setBytes(2, description.narHash().bytes());
            insert.setLong(3, description.narSize());
            insert.setBytes(4, description.listing());
            insert.setInt(5, assembled.kind());
            insert.setObject(6, UUID.randomUUID());
            insert.setLong(7, assembled.fileSize());
            insert.setBytes(8, assembled.fileHash().orElse(null));
            insert.setBytes(9, assembled.inline().orElse(null));
            insert.setBytes(10, isInline ? null : assembled.recipe().encode(Recipe.PackReferenceCodec.IDS));
            insert.setBytes(11, isInline ? null : assembled.chunkLengths());
            return queryOne(insert, row -> new UpsertedNar(row.getLong(1), row.getBoolean(2)));
        }
    }

    /** Adds references to packs. A repaired row first loses its references to its old packs. */
    public static void insertReferences(Connection c, UpsertedNar nar, List<Long> packs) throws SQLException {
        if (nar.repaired()) {
            try (var delete = c.prepareStatement("DELETE FROM pack_ref WHERE nar_id = ?")) {
                delete.setLong(1, nar.id());
                delete.executeUpdate();
            }
        }
        if (!packs.isEmpty()) {
            try (var insert = c.prepareStatement("INSERT INTO pack_ref (pack_id, nar_id) SELECT unnest(?), ?")) {
                insert.setArray(1, PackLeases.toSqlArray(c, packs));
                insert.setLong(2, nar.id());
                insert.executeUpdate();
            }
        }
    }

    /** Maps a row of a result to a value; null becomes an empty result. */
    private interface ResultMapper<T> {
        @Nullable
        T map(ResultSet row) throws SQLException;
    }

    private static <T> Optional<T> queryOne(PreparedStatement select, ResultMapper<T> mapper) throws SQLException {
        try (var row = select.executeQuery()) {
            return row.next() ? Optional.ofNullable(mapper.map(row)) : Optional.empty();
        }
    }

    private static byte[] bytesOrEmpty(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(row.getBytes(column)).orElseGet(() -> new byte[0]);
    }

    private static StoredPack toStoredPack(ResultSet row) throws SQLException {
        return new StoredPack(PackKey.of(row), row.getInt("backend"), row.getLong("bytes"));
    }

    private static Nar toNar(ResultSet row) throws SQLException {
        return new Nar(
                row.getLong(1),
                row.getLong(2),
                NixHash.of(HashAlgorithm.SHA256, row.getBytes(3)),
                row.getLong(4),
                row.getLong(5),
                Optional.ofNullable(row.getBytes(6)).map(hash -> NixHash.of(HashAlgorithm.SHA256, hash)),
                row.getObject(7, UUID.class),
                row.getInt(8));
    }
}
