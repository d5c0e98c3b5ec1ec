package dev.narthex.store;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.pack.Recipe;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Queries and updates the tables nar and pack_ref. */
@ApplicationScoped
public class NarRows {
    private static final String SELECT_NAR =
            "SELECT id, domain_id, nar_hash, nar_size, file_size, file_hash, encoding, kind FROM nar_facts WHERE ";

    private final Database database;
    private final PackLeases packs;

    public NarRows(Database database, PackLeases packs) {
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
    record StoredPack(PackKey key, int backend, long bytes) {
        /** Creates a pack from the columns code, key, copy, backend and bytes of a row. */
        static StoredPack of(Row row) {
            return new StoredPack(PackKey.of(row), row.intValue("backend"), row.longValue("bytes"));
        }
    }

    public Optional<Nar> find(long id) {
        return database.statement(SELECT_NAR + "id = :id")
                .bind("id", id)
                .first()
                .map(NarRows::toNar);
    }

    public Optional<Nar> find(long domainId, NixHash narHash) {
        return database.statement(SELECT_NAR + "domain_id = :domain AND nar_hash = :hash")
                .bind("domain", domainId)
                .bind("hash", narHash.bytes())
                .first()
                .map(NarRows::toNar);
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
        return database.statement(SELECT_NAR + """
                        domain_id = :domain AND nar_hash = :hash AND coalesce(
                          (SELECT p.nar_id = nar_facts.id AND p.cache_id = :cache FROM path p
                            WHERE (p.nar_id, p.cache_id) >= (nar_facts.id, :cache) ORDER BY p.nar_id, p.cache_id LIMIT 1)
                          OR (SELECT u.nar_id = nar_facts.id AND u.cache_id = :cache FROM nar_upload u
                            WHERE (u.nar_id, u.cache_id) >= (nar_facts.id, :cache) ORDER BY u.nar_id, u.cache_id LIMIT 1), false)""")
                .bind("domain", domainId)
                .bind("hash", narHash.bytes())
                .bind("cache", cacheId)
                .first()
                .map(NarRows::toNar);
    }

    Optional<byte[]> findListing(long id) {
        return database.statement("SELECT listing FROM nar WHERE id = :id AND state = 'L'")
                .bind("id", id)
                .first()
                .flatMap(row -> row.optionalBytes("listing"));
    }

    /** Empty if the NAR was deleted, is damaged, or was stored again under another encoding. */
    public Optional<FrameSource> findFrames(Nar nar) {
        return database.statement(
                        "SELECT inline, extents, chunk_lens FROM nar WHERE id = :id AND encoding = :encoding AND state = 'L'")
                .bind("id", nar.id())
                .bind("encoding", nar.encoding())
                .first()
                .map(row -> new FrameSource(
                        bytesOrEmpty(row, "inline"), bytesOrEmpty(row, "extents"), bytesOrEmpty(row, "chunk_lens")));
    }

    /** Finds the pack of a NAR of kind 1. Empty for other kinds, and in the cases in which {@link #findFrames} is empty. */
    Optional<StoredPack> findPack(Nar nar) {
        return database.statement("""
                        SELECT d.code, p.key, p.copy, p.backend, p.bytes
                        FROM nar n JOIN pack_ref r ON r.nar_id = n.id
                        JOIN pack p ON p.id = r.pack_id JOIN dedup_domain d ON d.id = p.domain_id
                        WHERE n.id = :id AND n.encoding = :encoding AND n.state = 'L' AND n.kind = 1""")
                .bind("id", nar.id())
                .bind("encoding", nar.encoding())
                .first()
                .map(StoredPack::of);
    }

    /** Returns packs in the order of the ids; deleted packs are left out. */
    List<StoredPack> listPacks(List<Long> ids) {
        return database.statement("""
                        SELECT d.code, p.key, p.copy, p.backend, p.bytes
                        FROM unnest(:ids) WITH ORDINALITY wanted (id, place)
                        JOIN pack p USING (id) JOIN dedup_domain d ON d.id = p.domain_id ORDER BY place""").bindIds("ids", ids).list(StoredPack::of);
    }

    /**
     * Queues a check of a NAR that a reader found damaged. The next scrub step, within about a minute, reads its packs, or its
     * row, before all others. Further calls before that check have no effect, so readers cannot cause more than one check at a
     * time. Database errors are only logged, so that the reader still gets its response.
     */
    void markSuspect(Nar nar) {
        try {
            int queued = database.inNewTransaction(
                    () -> nar.kind() == 0 ? queueRowCheck(nar.id()) : queuePackChecks(nar.id()));
            if (queued > 0) {
                Log.warnf("NAR %s is damaged; a check is queued", nar.narHash());
            }
        } catch (RuntimeException e) {
            Log.warnf(e, "NAR %s is damaged; its check could not be queued", nar.narHash());
        }
    }

    private int queuePackChecks(long narId) {
        return database.statement("""
                        UPDATE pack SET verified_at = '-infinity', check_after = NULL
                        WHERE state = 'L' AND verified_at > '-infinity'
                          AND id IN (SELECT pack_id FROM pack_ref WHERE nar_id = :nar)""").bind("nar", narId).update();
    }

    /** Moves the scrub of inline NARs back to this NAR; NARs with higher ids are checked again, 500 per step. */
    private int queueRowCheck(long narId) {
        return database.statement(
                        "UPDATE scrub SET inline_after = :nar - 1 WHERE inline_after IS NULL OR inline_after >= :nar")
                .bind("nar", narId)
                .update();
    }

    /** Returns when damage to a NAR was found; empty if the NAR is intact or was deleted. */
    Optional<Instant> findDamagedAt(long id) {
        return database.statement("SELECT damaged_at FROM nar_damage WHERE id = :id")
                .bind("id", id)
                .first()
                .map(row -> row.instant("damaged_at"));
    }

    /** Locks a live NAR against garbage collection until the transaction ends. */
    Optional<Long> lockShared(long domainId, NixHash narHash) {
        return database.statement(
                        "SELECT id FROM nar WHERE domain_id = :domain AND nar_hash = :hash AND state = 'L' FOR SHARE")
                .bind("domain", domainId)
                .bind("hash", narHash.bytes())
                .first()
                .map(row -> row.longValue("id"));
    }

    boolean lockShared(long id) {
        return database.statement("SELECT id FROM nar WHERE id = :id AND state = 'L' FOR SHARE")
                .bind("id", id)
                .first()
                .isPresent();
    }

    /** Inserts a NAR and its references to packs, or repairs the row of a damaged NAR. Empty if an intact row already exists. */
    Optional<Long> insert(NarDescription description, PackAssembler.AssembledNar assembled) {
        var upserted = upsert(database, description, assembled);
        if (upserted.isPresent()) {
            requireLivePacks(assembled.sharedPackIds());
            assembled.packs().forEach(packs::markLive);
            insertReferences(database, upserted.get(), assembled.recipe().packs());
        }
        return upserted.map(UpsertedNar::id);
    }

    /** Locks packs of other NARs until the transaction ends. Fails if one was condemned or damaged since it was found. */
    private void requireLivePacks(List<Long> sharedPackIds) {
        if (sharedPackIds.isEmpty()) {
            return;
        }
        var locked = database.statement(
                        "SELECT id FROM pack WHERE id = ANY (:packs) AND state = 'L' ORDER BY id FOR SHARE")
                .bindIds("packs", sharedPackIds)
                .list();
        if (locked.size() < sharedPackIds.size()) {
            throw Problem.unavailable(
                    "A chunk that this NAR shares with another one was deleted during the upload. Try again.", 1);
        }
    }

    /**
     * An inserted or repaired row.
     *
     * @param repaired whether the row existed, so that it still has references to its old packs
     */
    public record UpsertedNar(long id, boolean repaired) {}

    public static Optional<UpsertedNar> upsert(
            Database database, NarDescription description, PackAssembler.AssembledNar assembled) {
        boolean isInline = assembled.inline().isPresent();
        return database.statement("""
                        INSERT INTO nar (domain_id, nar_hash, nar_size, listing,
                          kind, encoding, file_size, file_hash, inline, extents, chunk_lens)
                        VALUES (:domain, :hash, :size, :listing,
                          :kind, :encoding, :fileSize, :fileHash, :inline, :extents, :chunkLengths)
                        ON CONFLICT (domain_id, nar_hash) DO UPDATE SET
                          state = 'L', damaged_at = NULL, listing = EXCLUDED.listing, kind = EXCLUDED.kind,
                          encoding = EXCLUDED.encoding, file_size = EXCLUDED.file_size, file_hash = EXCLUDED.file_hash,
                          inline = EXCLUDED.inline, extents = EXCLUDED.extents, chunk_lens = EXCLUDED.chunk_lens,
                          created_at = now()
                        WHERE nar.state = 'B' RETURNING id, xmax <> 0 AS repaired""")
                .bind("domain", description.domainId())
                .bind("hash", description.narHash().bytes())
                .bind("size", description.narSize())
                .bind("listing", description.listing())
                .bind("kind", assembled.kind())
                .bind("encoding", UUID.randomUUID())
                .bind("fileSize", assembled.fileSize())
                .bind("fileHash", assembled.fileHash())
                .bind("inline", assembled.inline())
                .bind(
                        "extents",
                        isInline
                                ? Optional.empty()
                                : Optional.of(assembled.recipe().encode(Recipe.PackReferenceCodec.IDS)))
                .bind("chunkLengths", isInline ? Optional.empty() : Optional.of(assembled.chunkLengths()))
                .first()
                .map(row -> new UpsertedNar(row.longValue("id"), row.bool("repaired")));
    }

    /** Adds references to packs. A repaired row first loses its references to its old packs. */
    public static void insertReferences(Database database, UpsertedNar nar, List<Long> packs) {
        if (nar.repaired()) {
            database.statement("DELETE FROM pack_ref WHERE nar_id = :nar")
                    .bind("nar", nar.id())
                    .update();
        }
        if (!packs.isEmpty()) {
            database.statement("INSERT INTO pack_ref (pack_id, nar_id) SELECT unnest(:packs), :nar")
                    .bindIds("packs", packs)
                    .bind("nar", nar.id())
                    .update();
        }
    }

    private static byte[] bytesOrEmpty(Row row, String column) {
        return row.optionalBytes(column).orElseGet(() -> new byte[0]);
    }

    private static Nar toNar(Row row) {
        return new Nar(
                row.longValue("id"),
                row.longValue("domain_id"),
                row.hash("nar_hash", HashAlgorithm.SHA256),
                row.longValue("nar_size"),
                row.longValue("file_size"),
                row.optionalHash("file_hash", HashAlgorithm.SHA256),
                row.uuid("encoding"),
                row.intValue("kind"));
    }
}
