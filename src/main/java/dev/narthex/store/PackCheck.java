package dev.narthex.store;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.narthex.content.Content;
import dev.narthex.nix.HashAlgorithm;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.zip.CRC32C;

/**
 * Verifies a pack completely: the checksum of its footer, the checksum (XXH64) and SHA-256 of every chunk, and the checksum of
 * the whole pack that its row contains. Needs memory for one chunk. Not thread-safe.
 */
final class PackCheck implements AutoCloseable {
    /** Far above the chunk size of any domain; protects against a damaged footer that would demand more memory. */
    private static final int MOST_CHUNK = 64 << 20;

    private final Pace pace;
    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
    private final MessageDigest sha256 = HashAlgorithm.SHA256.digest();
    private final CRC32C crc = new CRC32C();
    private byte[] frame = new byte[64 * 1024];
    private byte[] raw = new byte[0];

    PackCheck(Pace pace) {
        this.pace = pace;
    }

    /**
     * Reads and verifies a pack.
     *
     * @param expected CRC-32C of the whole pack, if known
     * @throws DamagedException if the bytes are not those that were written
     * @throws IOException if they cannot be read
     */
    void check(Content pack, OptionalInt expected) throws IOException {
        crc.reset();
        var footer = PackFooter.read(pack);
        try (var in = pack.open()) {
            for (int i = 0; i < footer.chunkCount(); i++) {
                chunk(in, footer.chunk(i), i);
            }
            for (int n = in.read(frame); n >= 0; n = in.read(frame)) {
                crc.update(frame, 0, n);
                pace.took(n);
            }
        } catch (EOFException e) {
            throw new DamagedException("the pack is shorter than its chunks");
        }
        if (expected.isPresent() && expected.getAsInt() != (int) crc.getValue()) {
            throw new DamagedException("the checksum of the pack is wrong");
        }
    }

    private void chunk(InputStream in, PackFooter.Chunk chunk, int ordinal) throws IOException {
        if (chunk.raw() <= 0
                || chunk.raw() > MOST_CHUNK
                || chunk.compressed() <= 0
                || chunk.compressed() > MOST_CHUNK) {
            throw new DamagedException("chunk " + ordinal + " has an impossible length");
        }
        frame = frame.length < chunk.compressed() ? new byte[chunk.compressed()] : frame;
        raw = raw.length < chunk.raw() ? new byte[chunk.raw()] : raw;
        if (in.readNBytes(frame, 0, chunk.compressed()) != chunk.compressed()) {
            throw new EOFException();
        }
        crc.update(frame, 0, chunk.compressed());
        pace.took(chunk.compressed());
        sha256.update(raw, 0, inflated(chunk, ordinal));
        if (!HexFormat.of().formatHex(sha256.digest()).equals(chunk.sha256())) {
            throw new DamagedException("chunk " + ordinal + " has another content");
        }
    }

    private int inflated(PackFooter.Chunk chunk, int ordinal) throws DamagedException {
        try {
            int length = zstd.decompressByteArray(raw, 0, chunk.raw(), frame, 0, chunk.compressed());
            if (length == chunk.raw()) {
                return length;
            }
            throw new DamagedException("chunk " + ordinal + " has another length");
        } catch (ZstdException e) {
            throw new DamagedException("chunk " + ordinal + " cannot be decompressed: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        zstd.close();
    }
}
