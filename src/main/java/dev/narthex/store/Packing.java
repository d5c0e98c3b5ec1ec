package dev.narthex.store;

import dev.narthex.nix.NixHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Puts the frames of one NAR into packs, as they come. Until {@link #finish} everything belongs
 * to this object, and closing it leaves nothing behind.
 */
final class Packing implements Pressing.Frames, AutoCloseable {
    private final Packs packs;
    private final Domains.Domain domain;
    private final long packSize;
    private final ByteArrayOutputStream lens = new ByteArrayOutputStream();
    private final List<Packs.Written> written = new ArrayList<>();
    private final List<Recipe.Run> runs = new ArrayList<>();
    private PackWriter current;
    private long renewed = System.nanoTime();
    private boolean handedOver;

    /** @param packSize bytes after which a pack ends and another begins */
    Packing(Packs packs, Domains.Domain domain, long packSize) {
        this.packs = packs;
        this.domain = domain;
        this.packSize = packSize;
        this.current = new PackWriter(packs, domain);
    }

    /**
     * A NAR in its stored form, all packs durable.
     *
     * @param kind 0 frames in the row, 1 one whole pack, 2 by recipe
     * @param inline the frames, for kind 0
     * @param fileHash SHA-256 of the served bytes, unknown for kind 2
     */
    record Packed(
            int kind,
            Optional<byte[]> inline,
            List<Packs.Written> packs,
            Recipe<Long> recipe,
            byte[] chunkLens,
            long fileSize,
            Optional<byte[]> fileHash) {}

    @Override
    public void frame(Press.Frame frame) throws IOException {
        if (current.length() > 0 && current.length() + frame.length() > packSize) {
            endPart();
        }
        current.add(frame);
        ChunkLens.put(lens, frame.raw(), frame.length());
        renewLease();
    }

    Packed finish(NixHash narHash, long narSize) throws IOException {
        var packed = written.isEmpty() && current.inline() ? inRow() : inPacks(narHash, narSize);
        renewLease();
        handedOver = true;
        return packed;
    }

    private Packed inRow() {
        var frames = current.frames();
        var none = new Recipe<Long>(List.of(), List.of());
        return new Packed(
                0, Optional.of(frames), List.of(), none, new byte[0], frames.length, Optional.of(current.sha256()));
    }

    private Packed inPacks(NixHash narHash, long narSize) throws IOException {
        var last = current.own();
        addRun();
        var keys = new ArrayList<UUID>();
        var ids = new ArrayList<Long>();
        for (var pack : written) {
            keys.add(pack.pack().key().id());
            ids.add(pack.pack().id());
        }
        keys.add(last.key().id());
        ids.add(last.id());
        var recipe = new Recipe<>(ids, runs);
        written.add(current.finish(new PackFooter(
                false, narSize, narHash.bytes(), current.chunkTable(), new Recipe<>(keys, runs), new byte[0])));
        boolean whole = written.size() == 1;
        return new Packed(
                whole ? 1 : 2,
                Optional.empty(),
                List.copyOf(written),
                recipe,
                lens.toByteArray(),
                whole ? current.length() : recipe.length(),
                whole ? Optional.of(current.sha256()) : Optional.empty());
    }

    private void endPart() throws IOException {
        addRun();
        written.add(current.finish(PackFooter.ofPart(current.chunkTable())));
        current = new PackWriter(packs, domain);
    }

    private void addRun() {
        runs.add(new Recipe.Run(written.size(), 0, current.chunkCount(), 0, current.length()));
    }

    private void renewLease() {
        if (System.nanoTime() - renewed > packs.lease().toNanos() / 3 && !own().isEmpty()) {
            packs.renew(own());
            renewed = System.nanoTime();
        }
    }

    private List<Packs.Own> own() {
        return Stream.concat(written.stream().map(Packs.Written::pack), current.row().stream())
                .distinct()
                .toList();
    }

    @Override
    public void close() throws IOException {
        current.close();
        if (!handedOver) {
            own().forEach(packs::discard);
        }
    }
}
