package dev.narthex.store;

import dev.narthex.nix.HashAlgorithm;
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
final class PackWriter implements AutoCloseable {
    static final int INLINE_BYTES = 16 * 1024;

    private final Packs packs;
    private final Domains.Domain domain;
    private final ByteArrayOutputStream head = new ByteArrayOutputStream();
    private final ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    private final MessageDigest sha256 = HashAlgorithm.SHA256.digest();
    private final CRC32C crc = new CRC32C();
    private final List<Sharing.Hint> hints = new ArrayList<>();
    private long length;
    private long rawBytes;
    private Packs.@Nullable Own own;
    private Backend.@Nullable Writer writer;

    PackWriter(Packs packs, Domains.Domain domain) {
        this.packs = packs;
        this.domain = domain;
    }

    void add(Press.Frame frame) throws IOException {
        if (length == 0 || Sharing.sampled(frame.id())) {
            hints.add(new Sharing.Hint(frame.id(), chunkCount()));
        }
        PackFooter.putChunk(chunks, frame.id(), frame.raw(), frame.length());
        rawBytes += frame.raw();
        put(frame.bytes());
    }

    /** Bytes written so far: the frames, and the footer after {@link #finish}. */
    long length() {
        return length;
    }

    int chunkCount() {
        return chunks.size() / PackFooter.CHUNK_BYTES;
    }

    byte[] chunkTable() {
        return chunks.toByteArray();
    }

    /** Whether no pack was created yet, so that the frames can be stored in a row. */
    boolean inline() {
        return own == null;
    }

    byte[] frames() {
        return head.toByteArray();
    }

    /** Returns the SHA-256 of everything written. Call it once, at the end: it resets the digest. */
    byte[] sha256() {
        return sha256.digest();
    }

    /** Returns the pack's row, creating it if necessary. */
    Packs.Own own() {
        if (own == null) {
            own = packs.create(domain);
        }
        return own;
    }

    /** Returns the pack's row; empty if it was not created. */
    Optional<Packs.Own> row() {
        return Optional.ofNullable(own);
    }

    /** Writes the footer. Returns after the pack is durable. */
    Packs.Written finish(PackFooter footer) throws IOException {
        var frame = footer.encode();
        var out = open();
        digest(frame);
        out.write(frame, 0, frame.length);
        out.commit();
        return new Packs.Written(own(), length, rawBytes, chunkCount(), (int) crc.getValue(), List.copyOf(hints));
    }

    /** Deletes what was written unless the pack was finished. The caller must discard the row. */
    @Override
    public void close() throws IOException {
        if (writer != null) {
            writer.close();
        }
    }

    private void put(byte[] frame) throws IOException {
        digest(frame);
        if (writer == null && length <= INLINE_BYTES) {
            head.writeBytes(frame);
        } else {
            open().write(frame, 0, frame.length);
        }
    }

    private void digest(byte[] bytes) {
        sha256.update(bytes);
        crc.update(bytes);
        length += bytes.length;
    }

    private Backend.Writer open() throws IOException {
        if (writer == null) {
            writer = packs.begin(own());
            writer.write(head.toByteArray(), 0, head.size());
        }
        return writer;
    }
}
