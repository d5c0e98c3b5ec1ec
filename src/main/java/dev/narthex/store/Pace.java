package dev.narthex.store;

import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Limits the read rate of background jobs. Not thread-safe. */
final class Pace {
    private final long bytesPerSecond;
    private final AtomicBoolean ended;
    private final long begun = System.nanoTime();
    private long bytes;

    /** @param ended set when the process stops; {@link #took} then throws */
    Pace(long bytesPerSecond, AtomicBoolean ended) {
        this.bytesPerSecond = bytesPerSecond;
        this.ended = ended;
    }

    /**
     * Accounts for bytes that were read, and sleeps as long as the average rate is above the limit.
     *
     * @throws InterruptedIOException if the process is stopping
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
