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
 * NARs in, NARs out. A push is one pass: parsed, hashed, listed, cut into chunks and compressed while it streams in, in a
 * few MiB of memory whatever its size, and without a database connection. Then {@link Staged#link} makes it part of the store
 * in the transaction of whoever needs it.
 */
@ApplicationScoped
public class Nars {
    /** With more packs than this a missing one is found while reading. */
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
        // A quarter of the memory, and at least one.
        long large = Runtime.getRuntime().maxMemory() / 4 / config.maxListing().asLongValue();
        this.largeListings = new Semaphore((int) Math.clamp(large, 1, 100));
    }

    /**
     * Reads a NAR, plain or in any compression that {@link Compression} knows, to its end. On any failure nothing of it stays.
     * To be called outside of a transaction: it takes as long as the sender.
     *
     * @throws dev.narthex.problem.ProblemException for a body that is no NAR or over a limit, and if the store is full
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

    /** If a path of this cache has it, or it was sent to this cache for a path to come. */
    public Optional<Nar> held(long domainId, NixHash narHash, long cacheId) {
        return rows.held(domainId, narHash, cacheId);
    }

    /**
     * Keeps a NAR from being collected until the caller's transaction ends; to be called before something is made to refer to
     * a NAR that was found earlier.
     *
     * @return whether it is still there
     */
    public boolean hold(long narId) {
        return rows.share(narId);
    }

    /**
     * The zstd form that is served, always the same bytes for one encoding. They are not checked here: the kernel sends whole
     * files, and reading them first would cost more than sending them. That is safe because clients check: each frame carries
     * the checksum of its content (XXH64), and nix compares the NAR hash that its trusted keys signed before it adds a path.
     * What they find the server learns only from its own checks, or from a reader of {@link #nar}.
     *
     * @throws dev.narthex.problem.ProblemException {@code Damaged} if its bytes are, or are missing; {@code NotFound} if it is gone
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
     * Where the zstd form can be had without this server: the same bytes as {@link #file}, if they are one whole pack in a
     * backend that others may be sent to.
     *
     * @param validity of the address, which whoever has it may use
     * @throws dev.narthex.problem.ProblemException {@code Damaged} if its bytes are, or are missing; {@code NotFound} if it is gone
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
     * The NAR itself, uncompressed. Reading a range decompresses only the chunks that it touches, and no byte of a chunk is
     * handed out before its checksum was compared: reading damaged ones throws {@link DamagedException} and queues a check.
     *
     * @throws dev.narthex.problem.ProblemException {@code Damaged} if its bytes are, or are missing; {@code NotFound} if it is gone
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

    /** Looked at before the first byte of an answer: a status can still say that bytes are missing. */
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
     * What is in a NAR.
     *
     * @throws dev.narthex.problem.ProblemException {@code NotFound} if there is no such NAR
     */
    public NarListing listing(long narId) throws IOException {
        return listings.read(narId, rows.listing(narId).orElseThrow(() -> noNar(Long.toString(narId))));
    }

    /** The listing as nix writes it ({@code .ls}, version 1), uncompressed. */
    public InputStream listingJson(long narId) throws IOException {
        var zstd = rows.listing(narId).orElseThrow(() -> noNar(Long.toString(narId)));
        return new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(zstd));
    }

    /** When a NAR was found damaged; empty if it is whole, or not here any more. */
    public Optional<Instant> damagedAt(long narId) {
        return rows.damagedAt(narId);
    }

    /** It was found a moment ago: since then it was collected, stored anew, or found damaged. */
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
