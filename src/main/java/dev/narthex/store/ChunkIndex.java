package dev.narthex.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.db.StoreDatabase;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.pack.PackChunks;
import dev.narthex.store.pack.PackContent;
import dev.narthex.store.pack.PackFooter;
import dev.narthex.store.pack.PackKey;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds packs of a domain that have chunks in common with an uploaded NAR. The table chunk_hint indexes the first chunk of each
 * pack and 1 in 16 of the others. It only leads to candidate packs; their footers are authoritative. A missing hint means that
 * a chunk is stored twice; a stale hint is ignored.
 */
@ApplicationScoped
public class ChunkIndex {
    /** Length of the prefix of a chunk's SHA-256 that the table stores. */
    private static final int HINT_BYTES = 16;

    private static final int SAMPLE_RATE = 16;
    private static final long MAX_CACHED_FOOTER_BYTES = 64L << 20;

    private final StoreDatabase database;
    private final ConfiguredBackends backends;
    private final Cache<Long, PackChunks> chunksByPackId = Caffeine.newBuilder()
            .maximumWeight(MAX_CACHED_FOOTER_BYTES)
            .weigher((Long id, PackChunks chunks) -> chunks.memoryBytes())
            .build();

    public ChunkIndex(StoreDatabase database, ConfiguredBackends backends) {
        this.database = database;
        this.backends = backends;
    }

    /** Whether chunks with this hash are indexed at any position in a pack. */
    static boolean isSampled(byte[] sha256) {
        return Byte.toUnsignedInt(sha256[0]) % SAMPLE_RATE == 0;
    }

    private record CandidatePack(long id, NarRows.StoredPack pack) {}

    /**
     * Finds live packs that contain some of these chunks. Excludes unreferenced packs, which will be deleted soon, and packs
     * that are queued for a check.
     *
     * @param chunks SHA-256 of the chunks
     * @param excludedIds ids of packs to exclude
     * @param limit maximum number of packs; those with the most matching hints are preferred
     */
    List<PackChunks> findPacks(long domainId, List<byte[]> chunks, Set<Long> excludedIds, int limit) {
        if (chunks.isEmpty() || limit <= 0) {
            return List.of();
        }
        return database.inTransaction(c -> queryCandidates(c, domainId, chunks, excludedIds, limit)).stream()
                .flatMap(candidate -> loadChunks(candidate).stream())
                .toList();
    }

    private static List<CandidatePack> queryCandidates(
            Connection c, long domainId, List<byte[]> chunks, Set<Long> excludedIds, int limit) throws SQLException {
        try (var select = c.prepareStatement("""
                SELECT p.id, d.code, p.key, p.copy, p.backend, p.bytes
                FROM (SELECT pack_id, count(*) AS hits FROM chunk_hint
                    WHERE domain_id = ? AND h = ANY (?) AND pack_id <> ALL (?) GROUP BY pack_id) x
                  JOIN pack p ON p.id = x.pack_id AND p.state = 'L' JOIN dedup_domain d ON d.id = p.domain_id
                WHERE coalesce(p.verified_at, now()) > '-infinity'
                  AND EXISTS (SELECT 1 FROM pack_ref r WHERE r.pack_id = p.id)
                ORDER BY x.hits DESC, p.id DESC LIMIT ?""")) {
            select.setLong(1, domainId);
            select.setArray(
                    2,
                    c.createArrayOf(
                            "bytea", chunks.stream().map(ChunkIndex::hintPrefix).toArray(byte[][]::new)));
            select.setArray(3, PackLeases.toSqlArray(c, List.copyOf(excludedIds)));
            select.setInt(4, limit);
            var candidates = new ArrayList<CandidatePack>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    var pack = new NarRows.StoredPack(PackKey.of(rows), rows.getInt("backend"), rows.getLong("bytes"));
                    candidates.add(new CandidatePack(rows.getLong("id"), pack));
                }
            }
            return candidates;
        }
    }

    /** Reads the footer of a pack; empty if it cannot be read. */
    private Optional<PackChunks> loadChunks(CandidatePack candidate) {
        var cached = chunksByPackId.getIfPresent(candidate.id);
        if (cached != null) {
            return Optional.of(cached);
        }
        var pack = candidate.pack;
        try {
            var content = new PackContent(backends.getByNumber(pack.backend()), pack.key(), pack.bytes());
            var loaded = new PackChunks(candidate.id, pack.key().id(), PackFooter.read(content));
            chunksByPackId.put(candidate.id, loaded);
            return Optional.of(loaded);
        } catch (IOException | RuntimeException e) {
            Log.warnf(e, "cannot read which chunks pack %s has", pack.key().path());
            return Optional.empty();
        }
    }

    /** An index entry: the hash of a chunk and its position in the pack. */
    record ChunkHint(byte[] sha256, int ordinal) {}

    /** Adds live packs to the index. Errors are logged only: they cost deduplication, not data. */
    public void addHints(long domainId, Collection<PackLeases.WrittenPack> packs) {
        for (var pack : packs) {
            try {
                database.inNewTransaction(c -> addHints(c, domainId, pack));
            } catch (RuntimeException e) {
                Log.warnf(
                        e,
                        "pack %s will not be found by its chunks",
                        pack.pack().key().path());
            }
        }
    }

    /**
     * Inserts hints sorted by hash, so that concurrent uploads cannot deadlock. A newer pack replaces the hint of an older one.
     */
    private static int addHints(Connection c, long domainId, PackLeases.WrittenPack pack) throws SQLException {
        var hints = new TreeMap<byte[], Integer>(Arrays::compareUnsigned);
        pack.hints().forEach(hint -> hints.put(hintPrefix(hint.sha256), hint.ordinal));
        try (var insert = c.prepareStatement("""
                INSERT INTO chunk_hint (domain_id, h, pack_id, ord) SELECT ?, x.h, ?, x.ord FROM unnest(?, ?) x (h, ord) ORDER BY x.h
                ON CONFLICT (domain_id, h) DO UPDATE SET pack_id = EXCLUDED.pack_id, ord = EXCLUDED.ord""")) {
            insert.setLong(1, domainId);
            insert.setLong(2, pack.pack().id());
            insert.setArray(3, c.createArrayOf("bytea", hints.keySet().toArray(byte[][]::new)));
            insert.setArray(4, c.createArrayOf("integer", hints.values().toArray()));
            return insert.executeUpdate();
        }
    }

    private static byte[] hintPrefix(byte[] sha256) {
        return Arrays.copyOf(sha256, HINT_BYTES);
    }
}
