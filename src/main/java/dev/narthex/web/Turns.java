package dev.narthex.web;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets few pages be made at once, two a processor, in the order in which they were asked for. Among many that share the processors
 * some wait twice as long as others. Pages that wait for something else do not hold the others up: nobody waits here for long.
 */
final class Turns {
    private static final int A_PROCESSOR = 2;
    private static final Duration LONGEST = Duration.ofMillis(50);

    private final Semaphore free;
    private final Duration longest;

    Turns(int processors) {
        this(processors, LONGEST);
    }

    /** @param longest that anybody waits */
    Turns(int processors, Duration longest) {
        this.free = new Semaphore(A_PROCESSOR * processors, true);
        this.longest = longest;
    }

    /** To be closed when the page is made. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    Turn take() {
        try {
            if (free.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS)) {
                return free::release;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return () -> {};
    }
}
