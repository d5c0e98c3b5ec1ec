package dev.narthex.store;

import java.util.concurrent.BlockingDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/**
 * Threads, compressors and chunk buffers that all uploads of this process share. There is one thread per processor. Every
 * upload may always use one chunk buffer, so that no upload waits for another; additional buffers are limited and go to
 * whichever upload requests them first. Pools are last-in, first-out, because memory that was used recently is still in the CPU
 * cache. Thread-safe.
 */
final class CompressorPool {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private final BlockingDeque<FrameCompressor> idleCompressors = new LinkedBlockingDeque<>(2 * PROCESSORS);
    private final BlockingDeque<byte[]> buffers = new LinkedBlockingDeque<>(4 * PROCESSORS);
    private final Semaphore extraBufferPermits = new Semaphore(8 * PROCESSORS);

    /** Platform threads, because zstd is native code and would pin the carrier of a virtual thread. */
    private final Executor executor = Executors.newFixedThreadPool(
            PROCESSORS, Thread.ofPlatform().name("press-", 0).daemon().factory());

    /** Compresses a chunk on the calling thread. */
    FrameCompressor.Frame compress(byte[] chunk, int count, int level, Predicate<byte[]> isStored) {
        var pooled = idleCompressors.pollFirst();
        var compressor = pooled == null ? new FrameCompressor() : pooled;
        try {
            return compressor.compress(chunk, count, level, isStored);
        } finally {
            if (!idleCompressors.offerFirst(compressor)) {
                compressor.close();
            }
        }
    }

    /**
     * Returns a chunk buffer, reused if possible.
     *
     * @param length length of the buffer in bytes
     */
    byte[] takeBuffer(int length) {
        for (var buffer = buffers.pollFirst(); buffer != null; buffer = buffers.pollFirst()) {
            if (buffer.length == length) {
                return buffer;
            }
        }
        return new byte[length];
    }

    void returnBuffer(byte[] buffer) {
        buffers.offerFirst(buffer);
    }

    /**
     * Tries to reserve an additional buffer for an upload that already has one. If it returns true, the caller must later call
     * {@link #releaseExtraBuffer}.
     */
    boolean tryReserveExtraBuffer() {
        return extraBufferPermits.tryAcquire();
    }

    void releaseExtraBuffer() {
        extraBufferPermits.release();
    }

    void submit(Runnable task) {
        executor.execute(task);
    }
}
