package dev.narthex.store;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.narthex.http.Content;
import dev.narthex.nix.Compression;
import dev.narthex.nix.NarLimits;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarReader;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.store.pack.ChunkLengths;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.pack.DamagedException;
import dev.narthex.store.pack.NarChunker;
import dev.narthex.store.pack.NarContent;
import dev.narthex.store.pack.PackContent;
import dev.narthex.store.pack.Recipe;
import dev.narthex.store.pack.RecipeContent;
import dev.narthex.store.pack.StoreConfig;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Stores and reads NARs. An upload is a single pass: the NAR is parsed, hashed, listed, chunked and compressed while it streams
 * in, with a few MiB of memory for any NAR size and without holding a database connection. {@link StagedNar#link} then makes it
 * part of the store within the caller's transaction.
 */
@ApplicationScoped
public class NarStore {
    /** NARs with more packs are not checked before sending; a missing pack is then found while reading. */
    private static final int MAX_CHECKED_PACKS = 4;

    private final NarRows rows;
    private final PackLeases packs;
    private final DedupDomains domains;
    private final ConfiguredBackends backends;
    private final ChunkIndex chunkIndex;
    private final StoreConfig config;
    private final TransactionSynchronizationRegistry transactions;
    private final CompressorPool compressors = new CompressorPool();
    private final SharedListingParser listingParser = new SharedListingParser();
    private final Semaphore largeListingPermits;

    public NarStore(
            NarRows rows,
            PackLeases packs,
            DedupDomains domains,
            ConfiguredBackends backends,
            ChunkIndex chunkIndex,
            StoreConfig config,
            TransactionSynchronizationRegistry transactions) {
        this.rows = rows;
        this.packs = packs;
        this.domains = domains;
        this.backends = backends;
        this.chunkIndex = chunkIndex;
        this.config = config;
        this.transactions = transactions;
        // Listings may use a quarter of the heap; at least one large listing is always allowed.
        long maxLargeListings =
                Runtime.getRuntime().maxMemory() / 4 / config.maxListing().asLongValue();
        this.largeListingPermits = new Semaphore((int) Math.clamp(maxLargeListings, 1, 100));
    }

    /**
     * Reads a whole NAR, uncompressed or in any format that {@link Compression} supports, and writes its chunks to the backend.
     * If it fails, everything written is removed. Call it outside a transaction: it takes as long as the client takes to send
     * the body.
     *
     * @throws dev.narthex.problem.ProblemException if the body is not a valid NAR, exceeds a limit, or the store is full
     * @throws IOException if {@code body} or the backend fails
     */
    public StagedNar stage(InputStream body, long domainId) throws IOException {
        var domain = domains.get(domainId);
        try (var assembler = new PackAssembler(packs, domain, config.packSize().asLongValue());
                var compressor = new ParallelCompressor(
                        compressors, domain, new ChunkDeduplicator(chunkIndex, domain, assembler));
                var memoryLimit = new ListingMemoryLimit(config.maxListing().asLongValue(), largeListingPermits)) {
            var chunker = new NarChunker(domain.chunker(), compressor);
            var ingest = new NarIngest(chunker, memoryLimit);
            long size = ingestBody(body, ingest);
            chunker.endChunk();
            compressor.finish();
            return toStagedNar(domain, assembler, ingest, size);
        }
    }

    private long ingestBody(InputStream body, NarIngest ingest) throws IOException {
        var defaults = NarLimits.DEFAULT;
        var limits = new NarLimits(
                config.maxSize().asLongValue(),
                config.maxEntries(),
                defaults.maxDepth(),
                defaults.maxNameBytes(),
                defaults.maxTargetBytes());
        try (var nar = Compression.decompress(body)) {
            return NarReader.readWhole(nar, limits, ingest);
        }
    }

    private StagedNar toStagedNar(DedupDomains.Domain domain, PackAssembler assembler, NarIngest ingest, long size)
            throws IOException {
        var hash = ingest.hash();
        var listing = ingest.listing();
        var collaborators = new TransactionalStagedNar.Collaborators(rows, packs, chunkIndex, transactions);
        if (rows.find(domain.id(), hash).isPresent()) {
            var description = new NarRows.NarDescription(domain.id(), hash, size, new byte[0]);
            return new TransactionalStagedNar(collaborators, description, listing, Optional.empty());
        }
        var description = new NarRows.NarDescription(domain.id(), hash, size, compressListing(listing, domain.level()));
        return new TransactionalStagedNar(
                collaborators, description, listing, Optional.of(assembler.finish(hash, size)));
    }

    public static byte[] compressListing(NarListing listing, int level) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zstd = new ZstdOutputStreamNoFinalizer(bytes, level)) {
            listing.writeJson(zstd);
        }
        return bytes.toByteArray();
    }

    public Optional<Nar> find(long narId) {
        return rows.find(narId);
    }

    /** Finds a NAR of this cache: one that a path of the cache refers to, or that was uploaded to it and has no narinfo yet. */
    public Optional<Nar> findInCache(long domainId, NixHash narHash, long cacheId) {
        return rows.findInCache(domainId, narHash, cacheId);
    }

    /**
     * Protects a NAR from garbage collection until the caller's transaction ends. Call it before adding a reference to a NAR
     * that was found in an earlier transaction.
     *
     * @return whether the NAR still exists and is not damaged
     */
    public boolean lockAgainstGc(long narId) {
        return rows.lockShared(narId);
    }

    /**
     * Returns the zstd form that clients download. Its bytes never change for one encoding.
     *
     * <p>The bytes are not verified: whole packs are sent by the kernel, and reading them first would cost more than sending
     * them. This is safe because clients verify them: each frame has a checksum of its content (XXH64), and nix compares the
     * signed NAR hash before it adds a path. The server does not learn about damage that clients find; only the scrub and
     * readers of {@link #uncompressedContent} detect it.
     *
     * @throws dev.narthex.problem.ProblemException {@code Damaged} if the bytes are damaged or missing; {@code NotFound} if the
     *     NAR was deleted
     */
    public Content compressedContent(Nar nar) throws IOException {
        if (nar.kind() == 1) {
            return packContents(nar, List.of(getPack(nar))).getFirst();
        }
        var frames = rows.findFrames(nar).orElseThrow(() -> disappearedProblem(nar));
        return nar.kind() == 0
                ? Content.of(frames.inline())
                : recipeContent(nar, Recipe.decode(frames.extents(), Recipe.PackReferenceCodec.IDS));
    }

    /**
     * Returns a URL that serves the same bytes as {@link #compressedContent} without this server. Empty unless the NAR is one
     * whole pack in
     * a backend that allows redirects.
     *
     * @param validity how long the URL works; anyone who has it can use it
     * @throws dev.narthex.problem.ProblemException {@code Damaged} if the bytes are damaged or missing; {@code NotFound} if the
     *     NAR was deleted
     */
    public Optional<URI> redirectUrl(Nar nar, Duration validity) throws IOException {
        if (nar.kind() != 1 || !backends.canRedirect()) {
            return Optional.empty();
        }
        var pack = getPack(nar);
        var backend = backends.getByNumber(pack.backend());
        return backend.canRedirect() ? backend.presignedUrl(pack.key(), validity) : Optional.empty();
    }

    /**
     * Returns the uncompressed NAR. Reading a range decompresses only the chunks that it overlaps. The checksum of a chunk is
     * verified before any of its bytes are returned; if it is wrong, reading throws {@link DamagedException} and queues a
     * check.
     *
     * @throws dev.narthex.problem.ProblemException {@code Damaged} if the bytes are damaged or missing; {@code NotFound} if the
     *     NAR was deleted
     */
    public Content uncompressedContent(Nar nar) throws IOException {
        var frames = rows.findFrames(nar).orElseThrow(() -> disappearedProblem(nar));
        if (nar.kind() == 0) {
            return new NarContent(
                    Content.of(frames.inline()),
                    inlineChunkLengths(nar, frames.inline()),
                    nar.narSize(),
                    () -> rows.markSuspect(nar));
        }
        var recipe = Recipe.decode(frames.extents(), Recipe.PackReferenceCodec.IDS);
        return new NarContent(
                recipeContent(nar, recipe),
                new ChunkLengths(frames.chunkLengths()),
                nar.narSize(),
                () -> rows.markSuspect(nar));
    }

    private ChunkLengths inlineChunkLengths(Nar nar, byte[] inline) throws DamagedException {
        try {
            return ChunkLengths.ofFrames(inline);
        } catch (DamagedException e) {
            rows.markSuspect(nar);
            throw e;
        }
    }

    private Content recipeContent(Nar nar, Recipe<Long> recipe) throws IOException {
        var storedPacks = rows.listPacks(recipe.packs());
        if (storedPacks.size() != recipe.packs().size()) {
            throw disappearedProblem(nar);
        }
        return new RecipeContent(packContents(nar, storedPacks), recipe.runs());
    }

    private NarRows.StoredPack getPack(Nar nar) {
        return rows.findPack(nar).orElseThrow(() -> disappearedProblem(nar));
    }

    /** Checks the sizes of the packs before the response starts, while the status can still report missing bytes. */
    private List<Content> packContents(Nar nar, List<NarRows.StoredPack> storedPacks) throws IOException {
        var contents = new ArrayList<Content>();
        for (var pack : storedPacks) {
            var backend = backends.getByNumber(pack.backend());
            if (storedPacks.size() <= MAX_CHECKED_PACKS
                    && backend.size(pack.key()).orElse(-1) != pack.bytes()) {
                Log.errorf("lost pack %s of nar %d", pack.key().path(), nar.id());
                rows.markSuspect(nar);
                throw Problem.damaged("NAR " + nar.narHash(), Optional.empty(), "");
            }
            contents.add(new PackContent(backend, pack.key(), pack.bytes()));
        }
        return contents;
    }

    /**
     * Returns the files, directories and links of a NAR.
     *
     * @throws dev.narthex.problem.ProblemException {@code NotFound} if there is no such NAR
     */
    public NarListing getListing(long narId) throws IOException {
        return listingParser.getOrParse(
                narId, rows.findListing(narId).orElseThrow(() -> notFoundProblem(Long.toString(narId))));
    }

    /** Returns the uncompressed JSON listing in the format of nix ({@code .ls}, version 1). */
    public InputStream openListingJson(long narId) throws IOException {
        var zstd = rows.findListing(narId).orElseThrow(() -> notFoundProblem(Long.toString(narId)));
        return new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(zstd));
    }

    /** Returns when damage to a NAR was found; empty if the NAR is intact or was deleted. */
    public Optional<Instant> findDamagedAt(long narId) {
        return rows.findDamagedAt(narId);
    }

    /** The problem for a NAR that disappeared during the request: it was deleted, stored again, or found damaged. */
    private RuntimeException disappearedProblem(Nar nar) {
        var name = nar.narHash().toString();
        return rows.findDamagedAt(nar.id())
                .<RuntimeException>map(damagedAt -> Problem.damaged("NAR " + name, Optional.of(damagedAt), ""))
                .orElseGet(() -> notFoundProblem(name));
    }

    private static RuntimeException notFoundProblem(String name) {
        return Problem.notFound("NAR", name);
    }
}
