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
final class Presses {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private final BlockingDeque<Press> free = new LinkedBlockingDeque<>(2 * PROCESSORS);
    private final BlockingDeque<byte[]> rooms = new LinkedBlockingDeque<>(4 * PROCESSORS);
    private final Semaphore further = new Semaphore(8 * PROCESSORS);

    /** Platform threads, because zstd is native code and would pin the carrier of a virtual thread. */
    private final Executor threads = Executors.newFixedThreadPool(
            PROCESSORS, Thread.ofPlatform().name("press-", 0).daemon().factory());

    /** Compresses a chunk on the calling thread. */
    Press.Frame frame(byte[] chunk, int count, int level, Predicate<byte[]> known) {
        var kept = free.pollFirst();
        var press = kept == null ? new Press() : kept;
        try {
            return press.frame(chunk, count, level, known);
        } finally {
            if (!free.offerFirst(press)) {
                press.close();
            }
        }
    }

    /**
     * Returns a chunk buffer, reused if possible.
     *
     * @param max length of the buffer in bytes
     */
    byte[] room(int max) {
        for (var room = rooms.pollFirst(); room != null; room = rooms.pollFirst()) {
            if (room.length == max) {
                return room;
            }
        }
        return new byte[max];
    }

    void give(byte[] room) {
        rooms.offerFirst(room);
    }

    /**
     * Tries to reserve an additional buffer for an upload that already has one. If it returns true, the caller must later call
     * {@link #endFurther}.
     */
    boolean beginFurther() {
        return further.tryAcquire();
    }

    void endFurther() {
        further.release();
    }

    void start(Runnable work) {
        threads.execute(work);
    }
}
