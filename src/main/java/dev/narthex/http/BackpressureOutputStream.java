package dev.narthex.http;

import dev.narthex.limits.CpuPermits;
import io.vertx.core.Context;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A response stream for virtual threads that keeps memory use bounded. Writes from other threads are queued as tasks of the
 * event loop, but the write queue counts only what the loop has already processed, so with a busy loop a producer could fill
 * the heap. After every window the writer therefore waits until the loop has caught up, and the next write sees the true state
 * of the queue.
 */
final class BackpressureOutputStream extends FilterOutputStream {
    private static final int WINDOW_BYTES = 256 * 1024;
    private static final int EVENT_LOOP_TIMEOUT_SECONDS = 60;

    private final Context eventLoop;
    private int sentInWindow;

    BackpressureOutputStream(OutputStream out, Context eventLoop) {
        super(out);
        this.eventLoop = eventLoop;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        int position = off;
        int remaining = len;
        while (remaining > 0) {
            int n = Math.min(remaining, WINDOW_BYTES - sentInWindow);
            int from = position;
            CpuPermits.whileWaiting(() -> out.write(b, from, n));
            position += n;
            remaining -= n;
            sentInWindow += n;
            if (sentInWindow >= WINDOW_BYTES) {
                sentInWindow = 0;
                CpuPermits.whileWaiting(this::awaitEventLoop);
            }
        }
    }

    /**
     * Only flushes. Writers also close their streams after a failure, and closing the response stream would end the response as
     * if it were complete: a chunked body would look whole, and with a Content-Length the client would wait for the rest.
     */
    @Override
    public void close() throws IOException {
        flush();
    }

    /** Ends the response. Call it only after the whole body was written. */
    void end() throws IOException {
        out.close();
    }

    private void awaitEventLoop() throws IOException {
        var latch = new CountDownLatch(1);
        eventLoop.runOnContext(ignored -> latch.countDown());
        try {
            if (!latch.await(EVENT_LOOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the event loop has not moved for " + EVENT_LOOP_TIMEOUT_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while sending");
        }
    }
}
