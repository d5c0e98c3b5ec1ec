package dev.narthex.vault.locks;

import dev.narthex.problem.Problem;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Limits the memory of lockfiles being processed. Only two lockfiles may be large at the same time; others wait for at most 30
 * seconds. A lockfile that has its turn never waits again, so there is no deadlock.
 */
public final class LockfileMemoryLimit implements AutoCloseable {
    private static final Semaphore TURNS = new Semaphore(2, true);

    /** Memory of an entry besides its texts, counted for the parsed form and for the response. */
    private static final int ENTRY_CHARACTERS = 1000;

    private static final long LARGE = 4 << 20;
    private static final int MAX_ENTRIES = 50_000;
    private static final long MAX_CHARACTERS = 16 << 20;
    private static final int WAIT_SECONDS = 30;

    private int entries;
    private long characters;
    private boolean large;

    /**
     * Accounts for another entry. May wait until the lockfile is allowed to become large.
     *
     * @param text total characters of its texts
     * @throws dev.narthex.problem.ProblemException TooLarge, Unavailable
     */
    void reserve(int text) {
        entries++;
        characters += text;
        if (entries > MAX_ENTRIES || characters > MAX_CHARACTERS) {
            throw Problem.tooLarge(
                    "lock", "A lock may name " + MAX_ENTRIES + " files, in " + MAX_CHARACTERS + " characters.");
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
        throw Problem.unavailable("Other large locks are being read. Send it again later.", WAIT_SECONDS);
    }

    @Override
    public void close() {
        if (large) {
            TURNS.release();
        }
    }
}
