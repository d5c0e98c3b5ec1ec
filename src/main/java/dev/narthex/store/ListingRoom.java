package dev.narthex.store;

import dev.narthex.problem.Problem;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The memory that the listing of one NAR takes while it is pushed: a NAR of a million empty files is small, its listing is
 * not. Only so many pushes at a time may have a large one; a further one waits a while for its turn. A push waits for no
 * second thing, so none waits for ever.
 */
final class ListingRoom implements AutoCloseable {
    /** What an entry takes besides its name: measured at about 150 bytes. */
    private static final int ENTRY_BYTES = 160;

    private static final long LARGE = 4 << 20;
    private static final int WAIT_SECONDS = 60;

    private final long max;
    private final Semaphore turns;
    private long taken;
    private boolean large;

    /** @param max in bytes */
    ListingRoom(long max, Semaphore turns) {
        this.max = max;
        this.turns = turns;
    }

    /** @param text bytes of the name and the target of an entry */
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
