package dev.narthex.store;

import dev.narthex.nix.NixHash;
import dev.narthex.store.pack.ChunkLengths;
import dev.narthex.store.pack.PackChunks;
import dev.narthex.store.pack.PackFooter;
import dev.narthex.store.pack.Recipe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Writes the frames of one NAR into packs as they arrive and records which frames are in packs of other NARs. Until
 * {@link #finish} returns, this object owns everything it wrote; closing it before that discards it all.
 */
public final class PackAssembler implements AutoCloseable {
    private static final int NO_SLOT = -1;

    private final PackLeases packs;
    private final DedupDomains.Domain domain;
    private final long packSize;
    private final ByteArrayOutputStream chunkLengths = new ByteArrayOutputStream();
    private final List<PackLeases.WrittenPack> writtenPacks = new ArrayList<>();
    private final List<Slot> slots = new ArrayList<>();
    private final Map<Long, Integer> sharedSlots = new HashMap<>();
    private final List<Recipe.Run> runs = new ArrayList<>();
    private PackWriter writer;
    private int currentSlot = NO_SLOT;
    private long lastRenewal = System.nanoTime();
    private boolean handedOver;

    /** @param packSize maximum total size of the frames in a pack, in bytes; a larger NAR continues in another pack */
    PackAssembler(PackLeases packs, DedupDomains.Domain domain, long packSize) {
        this.packs = packs;
        this.domain = domain;
        this.packSize = packSize;
        this.writer = new PackWriter(packs, domain);
    }

    /** A pack that the recipe refers to. A new pack uses the placeholder OWN until it has a row. */
    private record Slot(long id, UUID key) {
        private static final Slot PLACEHOLDER = new Slot(0, new UUID(0, 0));

        static Slot of(PackLeases.LeasedPack pack) {
            return new Slot(pack.id(), pack.key().id());
        }
    }

    /**
     * A NAR in its stored form; all its packs are durable.
     *
     * @param kind 0: frames in the row; 1: one whole pack; 2: by recipe
     * @param inline the frames, for kind 0
     * @param packs the packs that were written for this NAR
     * @param sharedPackIds ids of packs of other NARs that it also needs
     * @param fileSize size of the served bytes
     * @param fileHash SHA-256 of the served bytes; empty for kind 2
     */
    public record AssembledNar(
            int kind,
            Optional<byte[]> inline,
            List<PackLeases.WrittenPack> packs,
            List<Long> sharedPackIds,
            Recipe<Long> recipe,
            byte[] chunkLengths,
            long fileSize,
            Optional<byte[]> fileHash) {}

    /** Appends a frame that is not in any pack yet. */
    void addFrame(FrameCompressor.Frame frame) throws IOException {
        if (writer.length() > 0 && writer.length() + frame.length() > packSize) {
            finishPart();
        }
        appendRun(getOrCreateSlot(), writer.chunkCount(), writer.length(), frame.length());
        ChunkLengths.put(chunkLengths, frame.rawLength(), frame.length());
        writer.addFrame(frame);
        renewLease();
    }

    /** Appends a reference to a frame in an existing pack of the domain. */
    void addSharedFrame(PackChunks pack, int ordinal) {
        int slot = sharedSlots.computeIfAbsent(pack.id(), id -> addSlot(new Slot(id, pack.key())));
        appendRun(slot, ordinal, pack.offset(ordinal), pack.compressedLength(ordinal));
        ChunkLengths.put(chunkLengths, pack.rawLength(ordinal), pack.compressedLength(ordinal));
        renewLease();
    }

    private int addSlot(Slot pack) {
        slots.add(pack);
        return slots.size() - 1;
    }

    private int getOrCreateSlot() {
        if (currentSlot == NO_SLOT) {
            currentSlot = addSlot(Slot.PLACEHOLDER);
        }
        return currentSlot;
    }

    private void appendRun(int slot, int ordinal, long offset, long length) {
        var previous = runs.isEmpty() ? new Recipe.Run(NO_SLOT, 0, 0, 0, 0) : runs.getLast();
        if (previous.slot() == slot && previous.first() + previous.count() == ordinal) {
            runs.removeLast();
            runs.add(new Recipe.Run(
                    slot, previous.first(), previous.count() + 1, previous.offset(), previous.length() + length));
        } else {
            runs.add(new Recipe.Run(slot, ordinal, 1, offset, length));
        }
    }

    AssembledNar finish(NixHash narHash, long narSize) throws IOException {
        var assembled = writtenPacks.isEmpty() && sharedSlots.isEmpty() && writer.isInline()
                ? assembleInline()
                : assemblePacks(narHash, narSize);
        renewLease();
        handedOver = true;
        return assembled;
    }

    private AssembledNar assembleInline() {
        var frames = writer.inlineFrames();
        var emptyRecipe = new Recipe<Long>(List.of(), List.of());
        return new AssembledNar(
                0,
                Optional.of(frames),
                List.of(),
                List.of(),
                emptyRecipe,
                new byte[0],
                frames.length,
                Optional.of(writer.sha256()));
    }

    /** Writes the last pack. Its footer describes the NAR, so it is written even if the NAR has no new chunks. */
    private AssembledNar assemblePacks(NixHash narHash, long narSize) throws IOException {
        slots.set(getOrCreateSlot(), Slot.of(writer.getOrCreatePack()));
        var recipe = new Recipe<>(slots.stream().map(Slot::id).toList(), runs);
        var recipeByKey = new Recipe<>(slots.stream().map(Slot::key).toList(), runs);
        writtenPacks.add(writer.finish(
                new PackFooter(false, narSize, narHash.bytes(), writer.chunkTable(), recipeByKey, new byte[0])));
        boolean wholePack = slots.size() == 1;
        return new AssembledNar(
                wholePack ? 1 : 2,
                Optional.empty(),
                List.copyOf(writtenPacks),
                List.copyOf(sharedSlots.keySet()),
                recipe,
                chunkLengths.toByteArray(),
                wholePack ? writer.length() : recipe.length(),
                wholePack ? Optional.of(writer.sha256()) : Optional.empty());
    }

    private void finishPart() throws IOException {
        slots.set(getOrCreateSlot(), Slot.of(writer.getOrCreatePack()));
        writtenPacks.add(writer.finish(PackFooter.ofPart(writer.chunkTable())));
        writer = new PackWriter(packs, domain);
        currentSlot = NO_SLOT;
    }

    private void renewLease() {
        if (packs.needsRenewal(lastRenewal) && !leasedPacks().isEmpty()) {
            packs.renew(leasedPacks());
            lastRenewal = System.nanoTime();
        }
    }

    private List<PackLeases.LeasedPack> leasedPacks() {
        return Stream.concat(writtenPacks.stream().map(PackLeases.WrittenPack::pack), writer.findPack().stream())
                .distinct()
                .toList();
    }

    @Override
    public void close() throws IOException {
        writer.close();
        if (!handedOver) {
            leasedPacks().forEach(packs::discard);
        }
    }
}
