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
final class Press implements AutoCloseable {
    private static final byte[] NONE = {};

    private final ZstdCompressCtx zstd = new ZstdCompressCtx();
    private final MessageDigest sha256 = HashAlgorithm.SHA256.digest();
    private byte[] made = NONE;

    Press() {
        zstd.setChecksum(true).setContentSize(true);
    }

    /**
     * A compressed chunk.
     *
     * @param id SHA-256 of the uncompressed chunk
     * @param raw length of the uncompressed chunk in bytes
     * @param bytes one zstd frame; empty if the chunk is already stored
     */
    record Frame(byte[] id, int raw, byte[] bytes) {
        int length() {
            return bytes.length;
        }
    }

    /**
     * Hashes a chunk and compresses it unless it is already stored.
     *
     * @param known whether a chunk with this SHA-256 is already stored and needs no frame
     */
    Frame frame(byte[] chunk, int count, int level, Predicate<byte[]> known) {
        sha256.update(chunk, 0, count);
        var id = sha256.digest();
        return new Frame(id, count, known.test(id) ? NONE : compressed(chunk, count, level));
    }

    private byte[] compressed(byte[] chunk, int count, int level) {
        int most = (int) Zstd.compressBound(count);
        if (made.length < most) {
            made = new byte[most];
        }
        zstd.setLevel(level);
        return Arrays.copyOf(made, zstd.compressByteArray(made, 0, made.length, chunk, 0, count));
    }

    @Override
    public void close() {
        zstd.close();
    }
}
