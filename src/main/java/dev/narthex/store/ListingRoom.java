package dev.narthex.store;

import dev.narthex.problem.Problem;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Limits the memory of listings during uploads: a NAR with a million empty files is small, but its listing is not. Only a
 * limited number of concurrent uploads may have a large listing; others wait up to a minute and are then rejected. An upload
 * waits for no other resource while it holds one of the permits, so there is no deadlock. Not thread-safe.
 */
final class ListingRoom implements AutoCloseable {
    /** Estimated memory of an entry without its name; about 150 bytes were measured. */
    private static final int ENTRY_BYTES = 160;

    private static final long LARGE = 4 << 20;
    private static final int WAIT_SECONDS = 60;

    private final long max;
    private final Semaphore turns;
    private long taken;
    private boolean large;

    /**
     * @param max maximum memory of one listing in bytes
     * @param turns permits for large listings
     */
    ListingRoom(long max, Semaphore turns) {
        this.max = max;
        this.turns = turns;
    }

    /**
     * Accounts for an entry.
     *
     * @param text length of its name and link target in bytes
     * @throws dev.narthex.problem.ProblemException {@code TooLarge} over the limit; {@code Unavailable} if no permit became
     *     free
     */
    void take(int text) {
        taken += ENTRY_BYTES + text;
        if (taken > max) {
            throw new Problem.TooLarge("NAR", "The NAR has so many files that its listing does not fit into memory.")
                    .asException();
        }
        if (taken > LARGE && !large) {
            large = await();
        }
    }

    private boolean await() {
        try {
            if (turns.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new Problem.Unavailable(
                        "Other NARs of very many files are being taken. Send it again later.", WAIT_SECONDS)
                .asException();
    }

    @Override
    public void close() {
        if (large) {
            turns.release();
        }
    }
}
