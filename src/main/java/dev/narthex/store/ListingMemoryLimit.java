package dev.narthex.store;

import dev.narthex.problem.Problem;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Limits the memory of listings during uploads: a NAR with a million empty files is small, but its listing is not. Only a
 * limited number of concurrent uploads may have a large listing; others wait up to a minute and are then rejected. An upload
 * waits for no other resource while it holds one of the permits, so there is no deadlock. Not thread-safe.
 */
final class ListingMemoryLimit implements AutoCloseable {
    /** Estimated memory of an entry without its name; about 150 bytes were measured. */
    private static final int ENTRY_BYTES = 160;

    private static final long LARGE_BYTES = 4 << 20;
    private static final int PERMIT_TIMEOUT_SECONDS = 60;

    private final long maxBytes;
    private final Semaphore permits;
    private long usedBytes;
    private boolean hasPermit;

    /**
     * @param maxBytes maximum memory of one listing in bytes
     * @param permits permits for large listings
     */
    ListingMemoryLimit(long maxBytes, Semaphore permits) {
        this.maxBytes = maxBytes;
        this.permits = permits;
    }

    /**
     * Accounts for an entry.
     *
     * @param textBytes length of its name and link target in bytes
     * @throws dev.narthex.problem.ProblemException {@code TooLarge} over the limit; {@code Unavailable} if no permit became
     *     free
     */
    void reserve(int textBytes) {
        usedBytes += ENTRY_BYTES + textBytes;
        if (usedBytes > maxBytes) {
            throw Problem.tooLarge("NAR", "The NAR has so many files that its listing does not fit into memory.");
        }
        if (usedBytes > LARGE_BYTES && !hasPermit) {
            hasPermit = acquirePermit();
        }
    }

    private boolean acquirePermit() {
        try {
            if (permits.tryAcquire(PERMIT_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw Problem.unavailable(
                "Other NARs with very many files are being processed. Try again later.", PERMIT_TIMEOUT_SECONDS);
    }

    @Override
    public void close() {
        if (hasPermit) {
            permits.release();
        }
    }
}
