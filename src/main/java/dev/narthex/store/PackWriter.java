package dev.narthex.store;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.PackFooter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes one pack. The first 16 KiB are kept in memory: a quarter of all NARs are no larger and are stored in their row without
 * a pack. Once they are exceeded, a pack is created and every frame is written immediately. Not thread-safe.
 */
public final class PackWriter implements AutoCloseable {
    static final int INLINE_BYTES = 16 * 1024;

    private final PackLeases packs;
    private final DedupDomains.Domain domain;
    private final ByteArrayOutputStream inlineBytes = new ByteArrayOutputStream();
    private final ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    private final MessageDigest sha256 = HashAlgorithm.SHA256.newDigest();
    private final CRC32C crc = new CRC32C();
    private final List<ChunkIndex.ChunkHint> hints = new ArrayList<>();
    private long length;
    private long rawBytes;
    private PackLeases.@Nullable LeasedPack pack;
    private Backend.@Nullable Writer writer;

    public PackWriter(PackLeases packs, DedupDomains.Domain domain) {
        this.packs = packs;
        this.domain = domain;
    }

    public void addFrame(FrameCompressor.Frame frame) throws IOException {
        if (length == 0 || ChunkIndex.isSampled(frame.sha256())) {
            hints.add(new ChunkIndex.ChunkHint(frame.sha256(), chunkCount()));
        }
        PackFooter.appendChunk(chunks, frame.sha256(), frame.rawLength(), frame.length());
        rawBytes += frame.rawLength();
        append(frame.bytes());
    }

    /** Bytes written so far: the frames, and the footer after {@link #finish}. */
    public long length() {
        return length;
    }

    public int chunkCount() {
        return chunks.size() / PackFooter.CHUNK_BYTES;
    }

    public byte[] chunkTable() {
        return chunks.toByteArray();
    }

    /** Whether no pack was created yet, so that the frames can be stored in a row. */
    boolean isInline() {
        return pack == null;
    }

    byte[] inlineFrames() {
        return inlineBytes.toByteArray();
    }

    /** Returns the SHA-256 of everything written. Call it once, at the end: it resets the digest. */
    byte[] sha256() {
        return sha256.digest();
    }

    /** Returns the pack's row, creating it if necessary. */
    PackLeases.LeasedPack getOrCreatePack() {
        if (pack == null) {
            pack = packs.create(domain);
        }
        return pack;
    }

    /** Returns the pack's row; empty if it was not created. */
    public Optional<PackLeases.LeasedPack> findPack() {
        return Optional.ofNullable(pack);
    }

    /** Writes the footer. Returns after the pack is durable. */
    public PackLeases.WrittenPack finish(PackFooter footer) throws IOException {
        var frame = footer.encode();
        var out = openWriter();
        updateDigests(frame);
        out.write(frame, 0, frame.length);
        out.commit();
        return new PackLeases.WrittenPack(
                getOrCreatePack(), length, rawBytes, chunkCount(), (int) crc.getValue(), List.copyOf(hints));
    }

    /** Deletes what was written unless the pack was finished. The caller must discard the row. */
    @Override
    public void close() throws IOException {
        if (writer != null) {
            writer.close();
        }
    }

    private void append(byte[] frame) throws IOException {
        updateDigests(frame);
        if (writer == null && length <= INLINE_BYTES) {
            inlineBytes.writeBytes(frame);
        } else {
            openWriter().write(frame, 0, frame.length);
        }
    }

    private void updateDigests(byte[] bytes) {
        sha256.update(bytes);
        crc.update(bytes);
        length += bytes.length;
    }

    private Backend.Writer openWriter() throws IOException {
        if (writer == null) {
            writer = packs.openWriter(getOrCreatePack());
            writer.write(inlineBytes.toByteArray(), 0, inlineBytes.size());
        }
        return writer;
    }
}
