package dev.narthex.vault;

import dev.narthex.problem.Problem;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The memory that one lock takes while it is looked up. Only so many at a time may be large; a further one waits a while for
 * its turn, for nothing but that, so none waits for ever.
 */
final class LockRoom implements AutoCloseable {
    private static final Semaphore TURNS = new Semaphore(2, true);

    /** What an entry takes besides its own texts, twice: as it was read, and as it is answered. */
    private static final int ENTRY_CHARACTERS = 1000;

    private static final long LARGE = 4 << 20;
    private static final int MOST_ENTRIES = 50_000;
    private static final long MOST_CHARACTERS = 16 << 20;
    private static final int WAIT_SECONDS = 30;

    private int entries;
    private long characters;
    private boolean large;

    /**
     * Makes room for one entry more.
     *
     * @param text characters of all its texts
     * @throws dev.narthex.problem.ProblemException TooLarge, Unavailable
     */
    void take(int text) {
        entries++;
        characters += text;
        if (entries > MOST_ENTRIES || characters > MOST_CHARACTERS) {
            throw new Problem.TooLarge(
                            "lock",
                            "A lock may name " + MOST_ENTRIES + " files, in " + MOST_CHARACTERS + " characters.")
                    .asException();
        }
        if (!large && (long) entries * ENTRY_CHARACTERS + characters > LARGE) {
            large = await();
        }
    }

    private static boolean await() {
        try {
            if (TURNS.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new Problem.Unavailable("Other large locks are being read. Send it again later.", WAIT_SECONDS)
                .asException();
    }

    @Override
    public void close() {
        if (large) {
            TURNS.release();
        }
    }
}
