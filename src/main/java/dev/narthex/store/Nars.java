package dev.narthex.store;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.narthex.content.Content;
import dev.narthex.nix.Compression;
import dev.narthex.nix.NarLimits;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarReader;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
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
 * in, with a few MiB of memory for any NAR size and without holding a database connection. {@link Staged#link} then makes it
 * part of the store within the caller's transaction.
 */
@ApplicationScoped
public class Nars {
    /** NARs with more packs are not checked before sending; a missing pack is then found while reading. */
    private static final int CHECKED_PACKS = 4;

    private final NarRows rows;
    private final Packs packs;
    private final Domains domains;
    private final Backends backends;
    private final Sharing sharing;
    private final StoreConfig config;
    private final TransactionSynchronizationRegistry transactions;
    private final Presses presses = new Presses();
    private final Listings listings = new Listings();
    private final Semaphore largeListings;

    Nars(
            NarRows rows,
            Packs packs,
            Domains domains,
            Backends backends,
            Sharing sharing,
            StoreConfig config,
            TransactionSynchronizationRegistry transactions) {
        this.rows = rows;
        this.packs = packs;
        this.domains = domains;
        this.backends = backends;
        this.sharing = sharing;
        this.config = config;
        this.transactions = transactions;
        // Listings may use a quarter of the heap; at least one large listing is always allowed.
        long large = Runtime.getRuntime().maxMemory() / 4 / config.maxListing().asLongValue();
        this.largeListings = new Semaphore((int) Math.clamp(large, 1, 100));
    }

    /**
     * Reads a whole NAR, uncompressed or in any format that {@link Compression} supports, and writes its chunks to the backend.
     * If it fails, everything written is removed. Call it outside a transaction: it takes as long as the client takes to send
     * the body.
     *
     * @throws dev.narthex.problem.ProblemException if the body is not a valid NAR, exceeds a limit, or the store is full
     * @throws IOException if {@code body} or the backend fails
     */
    public Staged stage(InputStream body, long domainId) throws IOException {
        var domain = domains.get(domainId);
        try (var packing = new Packing(packs, domain, config.packSize().asLongValue());
                var pressing = new Pressing(presses, domain, new Matching(sharing, domain, packing));
                var room = new ListingRoom(config.maxListing().asLongValue(), largeListings)) {
            var cutter = new Cutter(domain.chunker(), pressing);
            var intake = new Intake(cutter, room);
            long size = read(body, intake);
            cutter.finish();
            pressing.finish();
            return staged(domain, packing, intake, size);
        }
    }

    private long read(InputStream body, Intake intake) throws IOException {
        var usual = NarLimits.DEFAULT;
        var limits = new NarLimits(
                config.maxSize().asLongValue(),
                config.maxEntries(),
                usual.depth(),
                usual.nameBytes(),
                usual.targetBytes());
        try (var nar = Compression.decompress(body)) {
            return NarReader.readWhole(nar, limits, intake);
        }
    }

    private Staged staged(Domains.Domain domain, Packing packing, Intake intake, long size) throws IOException {
        var hash = intake.hash();
        var listing = intake.listing();
        var parts = new StagedNar.Parts(rows, packs, sharing, transactions);
        if (rows.find(domain.id(), hash).isPresent()) {
            var facts = new NarRows.Facts(domain.id(), hash, size, new byte[0]);
            return new StagedNar(parts, facts, listing, Optional.empty());
        }
        var facts = new NarRows.Facts(domain.id(), hash, size, compressed(listing, domain.level()));
        return new StagedNar(parts, facts, listing, Optional.of(packing.finish(hash, size)));
    }

    static byte[] compressed(NarListing listing, int level) throws IOException {
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
    public Optional<Nar> held(long domainId, NixHash narHash, long cacheId) {
        return rows.held(domainId, narHash, cacheId);
    }

    /**
     * Protects a NAR from garbage collection until the caller's transaction ends. Call it before adding a reference to a NAR
     * that was found in an earlier transaction.
     *
     * @return whether the NAR still exists and is not damaged
     */
    public boolean hold(long narId) {
        return rows.share(narId);
    }

    /**
     * Returns the zstd form that clients download. Its bytes never change for one encoding.
     *
     * <p>The bytes are not verified: whole packs are sent by the kernel, and reading them first would cost more than sending
     * them. This is safe because clients verify them: each frame has a checksum of its content (XXH64), and nix compares the
     * signed NAR hash before it adds a path. The server does not learn about damage that clients find; only the scrub and
     * readers of {@link #nar} detect it.
     *
     * @throws dev.narthex.problem.ProblemException {@code Damaged} if the bytes are damaged or missing; {@code NotFound} if the
     *     NAR was deleted
     */
    public Content file(Nar nar) throws IOException {
        if (nar.kind() == 1) {
            return contents(nar, List.of(pack(nar))).getFirst();
        }
        var frames = rows.frames(nar).orElseThrow(() -> gone(nar));
        return nar.kind() == 0
                ? Content.of(frames.inline())
                : joined(nar, Recipe.decode(frames.extents(), Recipe.Names.IDS));
    }

    /**
     * Returns a URL that serves the same bytes as {@link #file} without this server. Empty unless the NAR is one whole pack in
     * a backend that allows redirects.
     *
     * @param validity how long the URL works; anyone who has it can use it
     * @throws dev.narthex.problem.ProblemException {@code Damaged} if the bytes are damaged or missing; {@code NotFound} if the
     *     NAR was deleted
     */
    public Optional<URI> address(Nar nar, Duration validity) throws IOException {
        if (nar.kind() != 1 || !backends.haveAddresses()) {
            return Optional.empty();
        }
        var pack = pack(nar);
        var backend = backends.of(pack.backend());
        return backend.hasAddresses() ? backend.address(pack.key(), validity) : Optional.empty();
    }

    /**
     * Returns the uncompressed NAR. Reading a range decompresses only the chunks that it overlaps. The checksum of a chunk is
     * verified before any of its bytes are returned; if it is wrong, reading throws {@link DamagedException} and queues a
     * check.
     *
     * @throws dev.narthex.problem.ProblemException {@code Damaged} if the bytes are damaged or missing; {@code NotFound} if the
     *     NAR was deleted
     */
    public Content nar(Nar nar) throws IOException {
        var frames = rows.frames(nar).orElseThrow(() -> gone(nar));
        if (nar.kind() == 0) {
            return new NarContent(
                    Content.of(frames.inline()), lens(nar, frames.inline()), nar.narSize(), () -> rows.doubt(nar));
        }
        var recipe = Recipe.decode(frames.extents(), Recipe.Names.IDS);
        return new NarContent(
                joined(nar, recipe), new ChunkLens(frames.chunkLens()), nar.narSize(), () -> rows.doubt(nar));
    }

    private ChunkLens lens(Nar nar, byte[] inline) throws DamagedException {
        try {
            return ChunkLens.ofFrames(inline);
        } catch (DamagedException e) {
            rows.doubt(nar);
            throw e;
        }
    }

    private Content joined(Nar nar, Recipe<Long> recipe) throws IOException {
        var found = rows.packs(recipe.packs());
        if (found.size() != recipe.packs().size()) {
            throw gone(nar);
        }
        return new RecipeContent(contents(nar, found), recipe.runs());
    }

    private NarRows.Stored pack(Nar nar) {
        return rows.pack(nar).orElseThrow(() -> gone(nar));
    }

    /** Checks the sizes of the packs before the response starts, while the status can still report missing bytes. */
    private List<Content> contents(Nar nar, List<NarRows.Stored> found) throws IOException {
        var contents = new ArrayList<Content>();
        for (var pack : found) {
            var backend = backends.of(pack.backend());
            if (found.size() <= CHECKED_PACKS && backend.size(pack.key()).orElse(-1) != pack.bytes()) {
                Log.errorf("lost pack %s of nar %d", pack.key().path(), nar.id());
                rows.doubt(nar);
                throw new Problem.Damaged("NAR " + nar.narHash(), Optional.empty(), "").asException();
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
    public NarListing listing(long narId) throws IOException {
        return listings.read(narId, rows.listing(narId).orElseThrow(() -> noNar(Long.toString(narId))));
    }

    /** Returns the uncompressed JSON listing in the format of nix ({@code .ls}, version 1). */
    public InputStream listingJson(long narId) throws IOException {
        var zstd = rows.listing(narId).orElseThrow(() -> noNar(Long.toString(narId)));
        return new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(zstd));
    }

    /** Returns when damage to a NAR was found; empty if the NAR is intact or was deleted. */
    public Optional<Instant> damagedAt(long narId) {
        return rows.damagedAt(narId);
    }

    /** The problem for a NAR that disappeared during the request: it was deleted, stored again, or found damaged. */
    private RuntimeException gone(Nar nar) {
        var name = nar.narHash().toString();
        return rows.damagedAt(nar.id())
                .<RuntimeException>map(at -> new Problem.Damaged("NAR " + name, Optional.of(at), "").asException())
                .orElseGet(() -> noNar(name));
    }

    private static RuntimeException noNar(String name) {
        return new Problem.NotFound("NAR", name).asException();
    }
}
