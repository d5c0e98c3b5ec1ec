package dev.narthex.vault.imports;

import dev.narthex.problem.ProblemException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Retries temporary failures with growing delays, until success, the maximum number of attempts, or server shutdown. */
final class RetryPolicy {
    private static final long FIRST_MILLIS = 500;
    private static final long MAX_MILLIS = 30_000;

    private final int attempts;
    private final CountDownLatch stop;

    /** @param stop reaches zero when the server stops */
    RetryPolicy(int attempts, CountDownLatch stop) {
        this.attempts = attempts;
        this.stop = stop;
    }

    /** The server is stopping; the interrupted work is repeated after the next start. */
    static final class StoppedException extends IOException {
        StoppedException() {
            super("the server stops");
        }
    }

    interface Attempt<T> {
        T run() throws IOException;
    }

    /** @throws IOException the one of the last attempt */
    <T> T with(Attempt<T> attempt) throws IOException {
        for (int n = 1; ; n++) {
            checkStop();
            var wait = Duration.ofMillis(Math.min(MAX_MILLIS, FIRST_MILLIS << Math.min(n - 1, 10)));
            try {
                return attempt.run();
            } catch (BusyException e) {
                wait = e.wait(wait);
                giveUp(e, n);
            } catch (ProblemException e) {
                if (!isRetryable(e)) {
                    throw e;
                }
                giveUp(new IOException(e.problem().detail(), e), n);
            } catch (IOException e) {
                giveUp(e, n);
            }
            pause(wait);
        }
    }

    /** The store is full, or the bytes were dropped in the meantime. */
    private static boolean isRetryable(ProblemException e) {
        return e.problem().status() == 503 || e.problem().status() == 507;
    }

    private void giveUp(IOException last, int attempt) throws IOException {
        checkStop();
        if (attempt >= attempts) {
            throw last;
        }
    }

    void checkStop() throws StoppedException {
        if (stop.getCount() == 0) {
            throw new StoppedException();
        }
    }

    private void pause(Duration wait) throws StoppedException {
        long millis = wait.toMillis() + ThreadLocalRandom.current().nextLong(wait.toMillis() / 4 + 1);
        try {
            if (stop.await(millis, TimeUnit.MILLISECONDS)) {
                throw new StoppedException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException();
        }
    }
}
