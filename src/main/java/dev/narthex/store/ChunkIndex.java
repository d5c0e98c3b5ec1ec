package dev.narthex.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.db.Database;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.pack.PackChunks;
import dev.narthex.store.pack.PackContent;
import dev.narthex.store.pack.PackFooter;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
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

    private final Database database;
    private final ConfiguredBackends backends;
    private final Cache<Long, PackChunks> chunksByPackId = Caffeine.newBuilder()
            .maximumWeight(MAX_CACHED_FOOTER_BYTES)
            .weigher((Long id, PackChunks chunks) -> chunks.memoryBytes())
            .build();

    public ChunkIndex(Database database, ConfiguredBackends backends) {
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
        return queryCandidates(domainId, chunks, excludedIds, limit).stream()
                .flatMap(candidate -> loadChunks(candidate).stream())
                .toList();
    }

    private List<CandidatePack> queryCandidates(long domainId, List<byte[]> chunks, Set<Long> excludedIds, int limit) {
        return database.statement("""
                        SELECT p.id, d.code, p.key, p.copy, p.backend, p.bytes
                        FROM (SELECT pack_id, count(*) AS hits FROM chunk_hint
                            WHERE domain_id = :domain AND h = ANY (:hints) AND pack_id <> ALL (:excluded) GROUP BY pack_id) x
                          JOIN pack p ON p.id = x.pack_id AND p.state = 'L' JOIN dedup_domain d ON d.id = p.domain_id
                        WHERE coalesce(p.verified_at, now()) > '-infinity'
                          AND EXISTS (SELECT 1 FROM pack_ref r WHERE r.pack_id = p.id)
                        ORDER BY x.hits DESC, p.id DESC LIMIT :limit""")
                .bind("domain", domainId)
                .bind("hints", chunks.stream().map(ChunkIndex::hintPrefix).toArray(byte[][]::new))
                .bindIds("excluded", excludedIds)
                .bind("limit", limit)
                .list(row -> new CandidatePack(row.longValue("id"), NarRows.StoredPack.of(row)));
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
                database.inNewTransaction(() -> addHints(domainId, pack));
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
    private int addHints(long domainId, PackLeases.WrittenPack pack) {
        var hints = new TreeMap<byte[], Integer>(Arrays::compareUnsigned);
        pack.hints().forEach(hint -> hints.put(hintPrefix(hint.sha256), hint.ordinal));
        return database.statement("""
                        INSERT INTO chunk_hint (domain_id, h, pack_id, ord)
                        SELECT :domain, x.h, :pack, x.ord FROM unnest(:hints, :ordinals) x (h, ord) ORDER BY x.h
                        ON CONFLICT (domain_id, h) DO UPDATE SET pack_id = EXCLUDED.pack_id, ord = EXCLUDED.ord""")
                .bind("domain", domainId)
                .bind("pack", pack.pack().id())
                .bind("hints", hints.keySet().toArray(byte[][]::new))
                .bind("ordinals", hints.values().toArray(Integer[]::new))
                .update();
    }

    private static byte[] hintPrefix(byte[] sha256) {
        return Arrays.copyOf(sha256, HINT_BYTES);
    }
}
