package dev.narthex.store;

import java.util.concurrent.BlockingDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/**
 * Threads, one a processor, and memory that the pushes of this process share. Every push has room for one chunk of its own, so
 * that it goes on whatever others do; further ones are few, for whoever comes first. What was given back last is taken first: the
 * processor has it at hand.
 */
final class Presses {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private final BlockingDeque<Press> free = new LinkedBlockingDeque<>(2 * PROCESSORS);
    private final BlockingDeque<byte[]> rooms = new LinkedBlockingDeque<>(4 * PROCESSORS);
    private final Semaphore further = new Semaphore(8 * PROCESSORS);

    /** Of the platform's kind: zstd holds the thread that it runs on. */
    private final Executor threads = Executors.newFixedThreadPool(
            PROCESSORS, Thread.ofPlatform().name("press-", 0).daemon().factory());

    /** Makes a chunk a frame, on this thread. */
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

    /** @param max length of a chunk */
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

    /** Whether room may be taken beside one's own, which is to be told by {@link #endFurther} afterwards. */
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
