package dev.narthex.store.upkeep;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.narthex.http.Content;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.store.pack.DamagedException;
import dev.narthex.store.pack.PackFooter;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Verifies a pack completely: the checksum of its footer, the checksum (XXH64) and SHA-256 of every chunk, and the checksum of
 * the whole pack that its row contains. Needs memory for one chunk. Not thread-safe.
 */
final class PackVerifier implements AutoCloseable {
    /** Far above the chunk size of any domain; protects against a damaged footer that would demand more memory. */
    private static final int MAX_CHUNK_BYTES = 64 << 20;

    private final ReadRateLimit rateLimit;
    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
    private final MessageDigest sha256 = HashAlgorithm.SHA256.newDigest();
    private final CRC32C crc = new CRC32C();
    private byte[] frame = new byte[64 * 1024];
    private byte[] raw = new byte[0];

    PackVerifier(ReadRateLimit rateLimit) {
        this.rateLimit = rateLimit;
    }

    /**
     * Reads and verifies a pack.
     *
     * @param expectedCrc CRC-32C of the whole pack, if known
     * @throws DamagedException if the bytes are not those that were written
     * @throws IOException if they cannot be read
     */
    void verify(Content pack, Optional<Integer> expectedCrc) throws IOException {
        crc.reset();
        var footer = PackFooter.read(pack);
        try (var in = pack.open()) {
            for (int i = 0; i < footer.chunkCount(); i++) {
                verifyChunk(in, footer.chunk(i), i);
            }
            for (int n = in.read(frame); n >= 0; n = in.read(frame)) {
                crc.update(frame, 0, n);
                rateLimit.recordRead(n);
            }
        } catch (EOFException e) {
            throw new DamagedException("the pack is shorter than its chunks");
        }
        if (expectedCrc.isPresent() && expectedCrc.get() != (int) crc.getValue()) {
            throw new DamagedException("the checksum of the pack is wrong");
        }
    }

    private void verifyChunk(InputStream in, PackFooter.ChunkEntry chunk, int ordinal) throws IOException {
        if (chunk.rawLength() <= 0
                || chunk.rawLength() > MAX_CHUNK_BYTES
                || chunk.compressedLength() <= 0
                || chunk.compressedLength() > MAX_CHUNK_BYTES) {
            throw new DamagedException("chunk " + ordinal + " has an impossible length");
        }
        frame = frame.length < chunk.compressedLength() ? new byte[chunk.compressedLength()] : frame;
        raw = raw.length < chunk.rawLength() ? new byte[chunk.rawLength()] : raw;
        if (in.readNBytes(frame, 0, chunk.compressedLength()) != chunk.compressedLength()) {
            throw new EOFException();
        }
        crc.update(frame, 0, chunk.compressedLength());
        rateLimit.recordRead(chunk.compressedLength());
        sha256.update(raw, 0, decompress(chunk, ordinal));
        if (!HexFormat.of().formatHex(sha256.digest()).equals(chunk.sha256())) {
            throw new DamagedException("chunk " + ordinal + " has another content");
        }
    }

    private int decompress(PackFooter.ChunkEntry chunk, int ordinal) throws DamagedException {
        try {
            int length = zstd.decompressByteArray(raw, 0, chunk.rawLength(), frame, 0, chunk.compressedLength());
            if (length == chunk.rawLength()) {
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
