package dev.narthex.store;

import dev.narthex.nix.NixHash;
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
final class Packing implements AutoCloseable {
    private static final int NOT_YET = -1;

    private final Packs packs;
    private final Domains.Domain domain;
    private final long packSize;
    private final ByteArrayOutputStream lens = new ByteArrayOutputStream();
    private final List<Packs.Written> written = new ArrayList<>();
    private final List<Slot> slots = new ArrayList<>();
    private final Map<Long, Integer> shared = new HashMap<>();
    private final List<Recipe.Run> runs = new ArrayList<>();
    private PackWriter current;
    private int currentSlot = NOT_YET;
    private long renewed = System.nanoTime();
    private boolean handedOver;

    /** @param packSize maximum total size of the frames in a pack, in bytes; a larger NAR continues in another pack */
    Packing(Packs packs, Domains.Domain domain, long packSize) {
        this.packs = packs;
        this.domain = domain;
        this.packSize = packSize;
        this.current = new PackWriter(packs, domain);
    }

    /** A pack that the recipe refers to. A new pack uses the placeholder OWN until it has a row. */
    private record Slot(long id, UUID key) {
        private static final Slot OWN = new Slot(0, new UUID(0, 0));

        static Slot of(Packs.Own pack) {
            return new Slot(pack.id(), pack.key().id());
        }
    }

    /**
     * A NAR in its stored form; all its packs are durable.
     *
     * @param kind 0: frames in the row; 1: one whole pack; 2: by recipe
     * @param inline the frames, for kind 0
     * @param packs the packs that were written for this NAR
     * @param shared ids of packs of other NARs that it also needs
     * @param fileSize size of the served bytes
     * @param fileHash SHA-256 of the served bytes; empty for kind 2
     */
    record Packed(
            int kind,
            Optional<byte[]> inline,
            List<Packs.Written> packs,
            List<Long> shared,
            Recipe<Long> recipe,
            byte[] chunkLens,
            long fileSize,
            Optional<byte[]> fileHash) {}

    /** Appends a frame that is not in any pack yet. */
    void frame(Press.Frame frame) throws IOException {
        if (current.length() > 0 && current.length() + frame.length() > packSize) {
            endPart();
        }
        add(own(), current.chunkCount(), current.length(), frame.length());
        ChunkLens.put(lens, frame.raw(), frame.length());
        current.add(frame);
        renewLease();
    }

    /** Appends a reference to a frame in an existing pack of the domain. */
    void shared(PackChunks pack, int ordinal) {
        int slot = shared.computeIfAbsent(pack.id(), id -> slot(new Slot(id, pack.key())));
        add(slot, ordinal, pack.offset(ordinal), pack.compressed(ordinal));
        ChunkLens.put(lens, pack.raw(ordinal), pack.compressed(ordinal));
        renewLease();
    }

    private int slot(Slot pack) {
        slots.add(pack);
        return slots.size() - 1;
    }

    private int own() {
        if (currentSlot == NOT_YET) {
            currentSlot = slot(Slot.OWN);
        }
        return currentSlot;
    }

    private void add(int slot, int ordinal, long offset, long length) {
        var last = runs.isEmpty() ? new Recipe.Run(NOT_YET, 0, 0, 0, 0) : runs.getLast();
        if (last.slot() == slot && last.first() + last.count() == ordinal) {
            runs.removeLast();
            runs.add(new Recipe.Run(slot, last.first(), last.count() + 1, last.offset(), last.length() + length));
        } else {
            runs.add(new Recipe.Run(slot, ordinal, 1, offset, length));
        }
    }

    Packed finish(NixHash narHash, long narSize) throws IOException {
        var packed = written.isEmpty() && shared.isEmpty() && current.inline() ? inRow() : inPacks(narHash, narSize);
        renewLease();
        handedOver = true;
        return packed;
    }

    private Packed inRow() {
        var frames = current.frames();
        var none = new Recipe<Long>(List.of(), List.of());
        return new Packed(
                0,
                Optional.of(frames),
                List.of(),
                List.of(),
                none,
                new byte[0],
                frames.length,
                Optional.of(current.sha256()));
    }

    /** Writes the last pack. Its footer describes the NAR, so it is written even if the NAR has no new chunks. */
    private Packed inPacks(NixHash narHash, long narSize) throws IOException {
        slots.set(own(), Slot.of(current.own()));
        var recipe = new Recipe<>(slots.stream().map(Slot::id).toList(), runs);
        var keys = new Recipe<>(slots.stream().map(Slot::key).toList(), runs);
        written.add(current.finish(
                new PackFooter(false, narSize, narHash.bytes(), current.chunkTable(), keys, new byte[0])));
        boolean whole = slots.size() == 1;
        return new Packed(
                whole ? 1 : 2,
                Optional.empty(),
                List.copyOf(written),
                List.copyOf(shared.keySet()),
                recipe,
                lens.toByteArray(),
                whole ? current.length() : recipe.length(),
                whole ? Optional.of(current.sha256()) : Optional.empty());
    }

    private void endPart() throws IOException {
        slots.set(own(), Slot.of(current.own()));
        written.add(current.finish(PackFooter.ofPart(current.chunkTable())));
        current = new PackWriter(packs, domain);
        currentSlot = NOT_YET;
    }

    private void renewLease() {
        if (packs.toRenew(renewed) && !ownPacks().isEmpty()) {
            packs.renew(ownPacks());
            renewed = System.nanoTime();
        }
    }

    private List<Packs.Own> ownPacks() {
        return Stream.concat(written.stream().map(Packs.Written::pack), current.row().stream())
                .distinct()
                .toList();
    }

    @Override
    public void close() throws IOException {
        current.close();
        if (!handedOver) {
            ownPacks().forEach(packs::discard);
        }
    }
}
