package dev.narthex.limits;

import dev.narthex.problem.Problem;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Limits the total memory of all decoders of compressed input, inside and outside the heap. A header of a few bytes can demand
 * 128 MiB, so each decoder reserves its memory here before allocating it. If too little is left, it waits for other decoders to
 * finish, for a limited time, in FIFO order and without a permit of {@link CpuPermits}; then the request is refused with 503
 * and Retry-After. Thread-safe.
 */
public final class DecoderMemory {
    /** In eighths of the heap. The rest is for everything else: listings, chunks, pages. */
    private static final int EIGHTHS = 3;

    private static final Duration MAX_WAIT = Duration.ofSeconds(10);
    private static final int RETRY_SECONDS = 10;
    private static final int UNIT_BYTES = 1024;

    /** The budget of this process. */
    private static final DecoderMemory SHARED =
            new DecoderMemory(Runtime.getRuntime().maxMemory() / 8 * EIGHTHS, MAX_WAIT);

    private final int units;
    private final Semaphore freeUnits;
    private final Duration longest;

    /**
     * @param bytes total memory of all decoders
     * @param longest maximum time that a decoder waits for memory
     */
    public DecoderMemory(long bytes, Duration longest) {
        this.units = (int) Math.min(bytes / UNIT_BYTES, Integer.MAX_VALUE);
        this.freeUnits = new Semaphore(units, true);
        this.longest = longest;
    }

    public static DecoderMemory instance() {
        return SHARED;
    }

    /** Number of decoders that wait for memory. */
    int waiters() {
        return freeUnits.getQueueLength();
    }

    /** Creates an empty share for one decoder. Closing it returns all its memory. */
    public MemoryShare share() {
        return new MemoryShare();
    }

    /** The memory of one decoder. Not thread-safe. */
    public final class MemoryShare implements AutoCloseable {
        private long acquired;

        /**
         * Reserves additional bytes.
         *
         * @throws dev.narthex.problem.ProblemException TooLarge if it exceeds the budget of all decoders; Unavailable after
         *     waiting in vain
         */
        public void acquire(long bytes) {
            long more = units(bytes);
            if (more > units) {
                throw Problem.tooLarge(
                        "compressed data",
                        "Its decoder needs " + mib(bytes) + " MiB of memory, more than the "
                                + mib((long) units * UNIT_BYTES)
                                + " MiB of this server. Compress it with a smaller window.");
            }
            if (!acquired((int) more)) {
                throw Problem.unavailable("Other uploads use all memory for decoders. Try again later.", RETRY_SECONDS);
            }
            acquired += more;
        }

        /** Returns bytes, in the same amounts in which they were reserved. */
        public void release(long bytes) {
            int less = (int) Math.min(units(bytes), acquired);
            acquired -= less;
            freeUnits.release(less);
        }

        @Override
        public void close() {
            freeUnits.release((int) acquired);
            acquired = 0;
        }
    }

    private boolean acquired(int more) {
        if (freeUnits.tryAcquire(more)) {
            return true;
        }
        var acquired = new boolean[1];
        try {
            CpuPermits.whileWaiting(() -> acquired[0] = await(more));
        } catch (IOException e) {
            // interrupted: the request ends
            freeUnits.release(acquired[0] ? more : 0);
            return false;
        }
        return acquired[0];
    }

    private boolean await(int more) throws IOException {
        try {
            return freeUnits.tryAcquire(more, longest.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("while waiting for memory").initCause(e);
        }
    }

    private static long units(long bytes) {
        return (bytes + UNIT_BYTES - 1) / UNIT_BYTES;
    }

    private static long mib(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }
}
