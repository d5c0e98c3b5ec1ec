package dev.narthex.store;

import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Keeps a reader from taking more than its share of a disk or a line. For one thread. */
final class Pace {
    private final long bytesPerSecond;
    private final AtomicBoolean ended;
    private final long begun = System.nanoTime();
    private long bytes;

    /** @param ended once true, the next bytes are refused */
    Pace(long bytesPerSecond, AtomicBoolean ended) {
        this.bytesPerSecond = bytesPerSecond;
        this.ended = ended;
    }

    /**
     * Returns when so many bytes more are due.
     *
     * @throws InterruptedIOException at the end of the process
     */
    void took(long count) throws InterruptedIOException {
        bytes += count;
        long ahead = (long) (bytes * 1e9 / bytesPerSecond) - (System.nanoTime() - begun);
        if (ended.get()) {
            throw new InterruptedIOException("the process ends");
        }
        if (ahead > 0) {
            try {
                TimeUnit.NANOSECONDS.sleep(ahead);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("the process ends");
            }
        }
    }
}
