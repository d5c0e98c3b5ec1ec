package dev.narthex.store.upkeep;

import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Limits the read rate of background jobs. Not thread-safe. */
final class ReadRateLimit {
    private final long bytesPerSecond;
    private final AtomicBoolean stopping;
    private final long startNanos = System.nanoTime();
    private long bytesRead;

    /** @param stopping set when the process stops; {@link #recordRead} then throws */
    ReadRateLimit(long bytesPerSecond, AtomicBoolean stopping) {
        this.bytesPerSecond = bytesPerSecond;
        this.stopping = stopping;
    }

    /**
     * Accounts for bytes that were read, and sleeps as long as the average rate is above the limit.
     *
     * @throws InterruptedIOException if the process is stopping
     */
    void recordRead(long count) throws InterruptedIOException {
        bytesRead += count;
        long aheadNanos = (long) (bytesRead * 1e9 / bytesPerSecond) - (System.nanoTime() - startNanos);
        if (stopping.get()) {
            throw new InterruptedIOException("the process ends");
        }
        if (aheadNanos > 0) {
            try {
                TimeUnit.NANOSECONDS.sleep(aheadNanos);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("the process ends");
            }
        }
    }
}
