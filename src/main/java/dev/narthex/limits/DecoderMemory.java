package dev.narthex.limits;

import dev.narthex.problem.Problem;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The memory that all decoders of compressed input may take together, whether in the heap or outside of it. A few bytes of a header
 * ask for 128 MiB, so each decoder takes its memory from this budget before it is allocated. If there is too little left, it waits
 * a while for other decoders to end, in the order of asking and without a permit of {@link CpuPermits}; then the request is
 * answered 503 with Retry-After.
 */
public final class DecoderMemory {
    /** In eighths of the heap. Decoders share it with everything else: listings, chunks, pages. */
    private static final int EIGHTHS = 3;

    private static final Duration MAX_WAIT = Duration.ofSeconds(10);
    private static final int RETRY_SECONDS = 10;
    private static final int UNIT_BYTES = 1024;

    /** That of this process. */
    private static final DecoderMemory SHARED =
            new DecoderMemory(Runtime.getRuntime().maxMemory() / 8 * EIGHTHS, MAX_WAIT);

    private final int units;
    private final Semaphore free;
    private final Duration longest;

    /** @param longest that a decoder waits for memory */
    public DecoderMemory(long bytes, Duration longest) {
        this.units = (int) Math.min(bytes / UNIT_BYTES, Integer.MAX_VALUE);
        this.free = new Semaphore(units, true);
        this.longest = longest;
    }

    public static DecoderMemory shared() {
        return SHARED;
    }

    /** How many decoders wait for memory. */
    int waiters() {
        return free.getQueueLength();
    }

    /** Creates the share of one decoder, empty at first. Closing it returns all its memory to the budget. */
    public Share share() {
        return new Share();
    }

    /** The memory of one decoder; used by one thread at a time. */
    public final class Share implements AutoCloseable {
        private long taken;

        /**
         * Takes as many bytes more.
         *
         * @throws dev.narthex.problem.ProblemException TooLarge if it is more than all decoders may have; Unavailable
         */
        public void take(long bytes) {
            long more = units(bytes);
            if (more > units) {
                throw new Problem.TooLarge(
                                "compressed data",
                                "Its decoder needs " + mib(bytes) + " MiB of memory, more than the "
                                        + mib((long) units * UNIT_BYTES)
                                        + " MiB of this server. Compress it with a smaller window.")
                        .asException();
            }
            if (!acquired((int) more)) {
                throw new Problem.Unavailable(
                                "The decoders of other uploads take all memory that they may have. Send this again later.",
                                RETRY_SECONDS)
                        .asException();
            }
            taken += more;
        }

        /** Gives back as many bytes, which it took together. */
        public void give(long bytes) {
            int less = (int) Math.min(units(bytes), taken);
            taken -= less;
            free.release(less);
        }

        @Override
        public void close() {
            free.release((int) taken);
            taken = 0;
        }
    }

    private boolean acquired(int more) {
        if (free.tryAcquire(more)) {
            return true;
        }
        var acquired = new boolean[1];
        try {
            CpuPermits.whileWaiting(() -> acquired[0] = await(more));
        } catch (IOException e) {
            // interrupted: the request ends
            free.release(acquired[0] ? more : 0);
            return false;
        }
        return acquired[0];
    }

    private boolean await(int more) throws IOException {
        try {
            return free.tryAcquire(more, longest.toNanos(), TimeUnit.NANOSECONDS);
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
