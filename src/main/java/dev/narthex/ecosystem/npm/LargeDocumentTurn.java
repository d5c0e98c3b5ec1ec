package dev.narthex.ecosystem.npm;

import dev.narthex.limits.CpuPermits;
import dev.narthex.problem.Problem;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets only one document with more than {@value #LARGE_BYTES} bytes of metadata be parsed at a time. The parsed tree takes about
 * ten times the memory of its bytes: some 160 MiB for the largest. Other requests wait up to {@value #WAIT_SECONDS} seconds and
 * are then refused.
 */
final class LargeDocumentTurn implements AutoCloseable {
    private static final Semaphore TURN = new Semaphore(1, true);
    private static final long LARGE_BYTES = 2 << 20;
    private static final int WAIT_SECONDS = 30;

    private boolean acquired;

    /**
     * Waits for the permit once a document turns out to be large.
     *
     * @param bytes of metadata read so far
     * @throws dev.narthex.problem.ProblemException Unavailable
     */
    void read(long bytes) throws IOException {
        if (!acquired && bytes > LARGE_BYTES) {
            CpuPermits.whileWaiting(this::await);
            if (!acquired) {
                throw Problem.unavailable(
                        "Other large documents are being read. Nothing was published; send it again later.",
                        WAIT_SECONDS);
            }
        }
    }

    private void await() throws IOException {
        try {
            acquired = TURN.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("while waiting for memory").initCause(e);
        }
    }

    @Override
    public void close() {
        if (acquired) {
            acquired = false;
            TURN.release();
        }
    }
}
