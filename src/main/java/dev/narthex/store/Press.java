package dev.narthex.store;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.narthex.nix.HashAlgorithm;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Predicate;

/** Makes one chunk at a time a frame. With zstd's own tables it takes about 2 MiB where chunks have up to 512 KiB. */
final class Press implements AutoCloseable {
    private final ZstdCompressCtx zstd = new ZstdCompressCtx();
    private final MessageDigest sha256 = HashAlgorithm.SHA256.digest();
    private final byte[] raw;
    private final byte[] frame;
    private int count;

    /** @param max length of a chunk */
    Press(int max) {
        this.raw = new byte[max];
        this.frame = new byte[(int) Zstd.compressBound(max)];
        zstd.setChecksum(true).setContentSize(true);
    }

    /**
     * A chunk as it is kept.
     *
     * @param id SHA-256 of the chunk
     * @param raw its length
     * @param bytes one zstd frame, as far as {@code length}; the press overwrites them with the next one. None of a chunk that
     *     lies somewhere already
     */
    record Frame(byte[] id, int raw, byte[] bytes, int length) {
        /** The same with bytes that nobody overwrites. */
        Frame copy() {
            return new Frame(id, raw, Arrays.copyOf(bytes, length), length);
        }
    }

    int max() {
        return raw.length;
    }

    /** Takes a copy of the chunk that {@link #frame} is to be made of. */
    void load(byte[] bytes, int from, int length, int level) {
        System.arraycopy(bytes, from, raw, 0, length);
        count = length;
        zstd.setLevel(level);
    }

    /** @param known whether a chunk of this SHA-256 lies somewhere already, and is not wanted as a frame */
    Frame frame(Predicate<byte[]> known) {
        sha256.update(raw, 0, count);
        var id = sha256.digest();
        return known.test(id)
                ? new Frame(id, count, frame, 0)
                : new Frame(id, count, frame, zstd.compressByteArray(frame, 0, frame.length, raw, 0, count));
    }

    @Override
    public void close() {
        zstd.close();
    }
}
