package dev.narthex.store;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * The memory that one push works in: twice the largest chunk to cut, one compressed chunk, and zstd's own tables. About
 * 3 MiB with chunks up to 512 KiB, whatever the size of the NAR. Small NARs are the rule, so it is handed from push to push.
 */
final class Scratch implements AutoCloseable {
    private final int max;
    private final ZstdCompressCtx zstd = new ZstdCompressCtx();
    final byte[] raw;
    final byte[] frame;

    private Scratch(int max) {
        this.max = max;
        this.raw = new byte[2 * max];
        this.frame = new byte[(int) Zstd.compressBound(max)];
        zstd.setChecksum(true).setContentSize(true);
    }

    void level(int level) {
        zstd.setLevel(level);
    }

    /** Makes a chunk one zstd frame at the start of {@link #frame}, and returns its length. */
    int compress(byte[] bytes, int from, int count) {
        return zstd.compressByteArray(frame, 0, frame.length, bytes, from, count);
    }

    @Override
    public void close() {
        zstd.close();
    }

    /** Those not in use. Keeps few: more pushes at a time than that are bound by the processor anyway. */
    static final class Pool {
        private final BlockingQueue<Scratch> free =
                new ArrayBlockingQueue<>(2 * Runtime.getRuntime().availableProcessors());

        /** @param max length of a chunk */
        Scratch take(int max) {
            for (var scratch = free.poll(); scratch != null; scratch = free.poll()) {
                if (scratch.max == max) {
                    return scratch;
                }
                scratch.close();
            }
            return new Scratch(max);
        }

        void give(Scratch scratch) {
            if (!free.offer(scratch)) {
                scratch.close();
            }
        }
    }
}
