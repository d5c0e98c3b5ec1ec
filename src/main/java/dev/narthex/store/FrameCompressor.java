package dev.narthex.store;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.narthex.nix.HashAlgorithm;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Compresses chunks to zstd frames. Not thread-safe. With zstd's tables, an instance takes about 2 MiB of memory for chunks of
 * up to 512 KiB.
 */
public final class FrameCompressor implements AutoCloseable {
    private static final byte[] NO_BYTES = {};

    private final ZstdCompressCtx zstd = new ZstdCompressCtx();
    private final MessageDigest sha256 = HashAlgorithm.SHA256.newDigest();
    private byte[] buffer = NO_BYTES;

    FrameCompressor() {
        zstd.setChecksum(true).setContentSize(true);
    }

    /**
     * A compressed chunk.
     *
     * @param sha256 SHA-256 of the uncompressed chunk
     * @param rawLength length of the uncompressed chunk in bytes
     * @param bytes one zstd frame; empty if the chunk is already stored
     */
    public record Frame(byte[] sha256, int rawLength, byte[] bytes) {
        int length() {
            return bytes.length;
        }
    }

    /**
     * Hashes a chunk and compresses it unless it is already stored.
     *
     * @param isStored whether a chunk with this SHA-256 is already stored and needs no frame
     */
    Frame compress(byte[] chunk, int count, int level, Predicate<byte[]> isStored) {
        sha256.update(chunk, 0, count);
        var hash = sha256.digest();
        return new Frame(hash, count, isStored.test(hash) ? NO_BYTES : compressBytes(chunk, count, level));
    }

    private byte[] compressBytes(byte[] chunk, int count, int level) {
        int maxLength = (int) Zstd.compressBound(count);
        if (buffer.length < maxLength) {
            buffer = new byte[maxLength];
        }
        zstd.setLevel(level);
        return Arrays.copyOf(buffer, zstd.compressByteArray(buffer, 0, buffer.length, chunk, 0, count));
    }

    @Override
    public void close() {
        zstd.close();
    }
}
