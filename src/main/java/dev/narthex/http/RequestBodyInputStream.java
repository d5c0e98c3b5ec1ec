package dev.narthex.http;

import dev.narthex.stream.BlockInputStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request body that keeps arriving while the reader processes earlier bytes; if each block were requested separately, the
 * connection would be idle in between. The connection is paused while 1 MiB is buffered. Bytes buffered before a failure can
 * still be read. Must be read by a single thread, not by an event loop.
 */
final class RequestBodyInputStream extends BlockInputStream {
    /** In bytes. The connection is paused at this size and resumed when half of it has been read. */
    static final int MAX_BUFFERED_BYTES = 1 << 20;

    private static final int RESUME_BYTES = MAX_BUFFERED_BYTES / 2;

    private final HttpServerRequest request;
    private final Context eventLoop;
    private final long timeoutNanos;

    /** Also the lock for the fields that both threads use. */
    private final Queue<ByteBuf> buffers = new ArrayDeque<>();

    private int bufferedBytes;
    private boolean ended;
    private @Nullable Throwable failure;

    /** Whether the connection was paused; used only by the event loop. */
    private boolean paused = true;

    private boolean started;
    private ByteBuf current = Unpooled.EMPTY_BUFFER;

    /**
     * @param eventLoop event loop of the request
     * @param timeout the request is aborted if no byte arrives for this long
     */
    RequestBodyInputStream(HttpServerRequest request, Context eventLoop, Duration timeout) {
        this.request = request;
        this.eventLoop = eventLoop;
        this.timeoutNanos = timeout.toNanos();
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, b.length);
        if (len == 0) {
            return 0;
        }
        if (!current.isReadable()) {
            current = nextBuffer();
        }
        int n = Math.min(len, current.readableBytes());
        current.readBytes(b, off, n);
        return n == 0 ? -1 : n;
    }

    @Override
    public int available() {
        synchronized (buffers) {
            return current.readableBytes() + bufferedBytes;
        }
    }

    /** Discards the rest of the body, including bytes that arrive later, so that the response can be sent. */
    @Override
    public void close() {
        current = Unpooled.EMPTY_BUFFER;
        if (finish(new IOException("Stream is closed"), true) && started) {
            eventLoop.runOnContext(ignored -> request.resume());
        }
    }

    /** Returns the next block; empty at the end. */
    private ByteBuf nextBuffer() throws IOException {
        if (!started) {
            started = true;
            start();
        }
        synchronized (buffers) {
            awaitData();
            var buffer = buffers.poll();
            if (buffer == null) {
                if (failure != null) {
                    throw new IOException(failure);
                }
                return Unpooled.EMPTY_BUFFER;
            }
            boolean wasAboveThreshold = bufferedBytes > RESUME_BYTES;
            bufferedBytes -= buffer.readableBytes();
            if (wasAboveThreshold && bufferedBytes <= RESUME_BYTES) {
                eventLoop.runOnContext(ignored -> resumeIfDrained());
            }
            return buffer;
        }
    }

    private void start() {
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
        eventLoop.runOnContext(ignored -> {
            if (request.isEnded()) {
                finish(null, false);
                return;
            }
            request.handler(this::receive);
            request.endHandler(done -> finish(null, false));
            request.exceptionHandler(cause -> finish(cause, false));
            if (request.response().closed()) {
                finish(new IOException("Connection was closed"), false);
            }
            resumeIfDrained();
        });
    }

    /** Waits until bytes arrive or the body ends. */
    private void awaitData() throws IOException {
        long waitStart = System.nanoTime();
        while (buffers.isEmpty() && !ended) {
            long remaining = timeoutNanos - (System.nanoTime() - waitStart);
            if (remaining <= 0) {
                finish(
                        new IOException("Nothing came for " + TimeUnit.NANOSECONDS.toSeconds(timeoutNanos) + " s"),
                        false);
                request.connection().close();
                return;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(buffers, remaining);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("while something was received").initCause(e);
            }
        }
    }

    private void receive(Buffer buffer) {
        boolean full;
        synchronized (buffers) {
            if (ended || buffer.length() == 0) {
                return;
            }
            buffers.add(buffer.getByteBuf());
            bufferedBytes += buffer.length();
            full = bufferedBytes >= MAX_BUFFERED_BYTES;
            buffers.notifyAll();
        }
        if (full && !paused) {
            paused = true;
            request.pause();
        }
    }

    private void resumeIfDrained() {
        boolean hasRoom;
        synchronized (buffers) {
            hasRoom = bufferedBytes <= RESUME_BYTES;
        }
        if (hasRoom && paused) {
            paused = false;
            request.resume();
        }
    }

    /**
     * Marks the body as ended.
     *
     * @param cause the failure, or null at the regular end
     * @param discard whether to discard buffered bytes
     * @return false if it had already ended
     */
    private boolean finish(@Nullable Throwable cause, boolean discard) {
        synchronized (buffers) {
            boolean isFirst = !ended;
            if (isFirst) {
                ended = true;
                failure = cause;
            }
            if (discard) {
                buffers.clear();
                bufferedBytes = 0;
            }
            buffers.notifyAll();
            return isFirst;
        }
    }
}
