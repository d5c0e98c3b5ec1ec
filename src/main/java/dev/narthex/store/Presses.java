package dev.narthex.store;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Threads, one a processor, and memory that the pushes of this process share. Every push has one press of its own, so that it
 * goes on whatever others do; further ones are few, for whoever comes first. Small NARs are the rule, so presses are handed from
 * push to push; more at a time than are kept are bound by the processor anyway.
 */
final class Presses {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private final BlockingQueue<Press> free = new ArrayBlockingQueue<>(4 * PROCESSORS);
    private final BlockingQueue<byte[]> buffers = new ArrayBlockingQueue<>(2 * PROCESSORS);
    private final Semaphore further = new Semaphore(2 * PROCESSORS);

    /** Of the platform's kind: zstd holds the thread that it runs on. */
    private final Executor threads = Executors.newFixedThreadPool(
            PROCESSORS, Thread.ofPlatform().name("press-", 0).daemon().factory());

    /** To cut chunks in: of twice the largest one. */
    byte[] buffer(int max) {
        var buffer = buffers.poll();
        return buffer != null && buffer.length == 2 * max ? buffer : new byte[2 * max];
    }

    void give(byte[] buffer) {
        buffers.offer(buffer);
    }

    /** @param max length of a chunk */
    Press take(int max) {
        for (var press = free.poll(); press != null; press = free.poll()) {
            if (press.max() == max) {
                return press;
            }
            press.close();
        }
        return new Press(max);
    }

    void give(Press press) {
        if (!free.offer(press)) {
            press.close();
        }
    }

    /** Whether a press may be taken beside one's own, which is to be told by {@link #endFurther} afterwards. */
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
