package dev.narthex.content;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
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
final class Receiving extends InputStream {
    /** In bytes. The connection is paused at this size and resumed when half of it has been read. */
    static final int MOST_WAITING = 1 << 20;

    private static final int AGAIN = MOST_WAITING / 2;

    private final HttpServerRequest request;
    private final Context loop;
    private final long silence;

    /** Also the lock for the fields that both threads use. */
    private final Queue<ByteBuf> waiting = new ArrayDeque<>();

    private int bytes;
    private boolean ended;
    private @Nullable Throwable failure;

    /** Whether the connection was paused; used only by the event loop. */
    private boolean resting = true;

    private boolean begun;
    private ByteBuf piece = Unpooled.EMPTY_BUFFER;

    /**
     * @param loop event loop of the request
     * @param silence the request is aborted if no byte arrives for this long
     */
    Receiving(HttpServerRequest request, Context loop, Duration silence) {
        this.request = request;
        this.loop = loop;
        this.silence = silence.toNanos();
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, b.length);
        if (len == 0) {
            return 0;
        }
        if (!piece.isReadable()) {
            piece = next();
        }
        int n = Math.min(len, piece.readableBytes());
        piece.readBytes(b, off, n);
        return n == 0 ? -1 : n;
    }

    @Override
    public int available() {
        synchronized (waiting) {
            return piece.readableBytes() + bytes;
        }
    }

    /** Discards the rest of the body, including bytes that arrive later, so that the response can be sent. */
    @Override
    public void close() {
        piece = Unpooled.EMPTY_BUFFER;
        if (end(new IOException("Stream is closed"), true) && begun) {
            loop.runOnContext(ignored -> request.resume());
        }
    }

    /** Returns the next block; empty at the end. */
    private ByteBuf next() throws IOException {
        if (!begun) {
            begun = true;
            begin();
        }
        synchronized (waiting) {
            await();
            var next = waiting.poll();
            if (next == null) {
                if (failure != null) {
                    throw new IOException(failure);
                }
                return Unpooled.EMPTY_BUFFER;
            }
            boolean many = bytes > AGAIN;
            bytes -= next.readableBytes();
            if (many && bytes <= AGAIN) {
                loop.runOnContext(ignored -> goOn());
            }
            return next;
        }
    }

    private void begin() {
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
        loop.runOnContext(ignored -> {
            if (request.isEnded()) {
                end(null, false);
                return;
            }
            request.handler(this::take);
            request.endHandler(end -> end(null, false));
            request.exceptionHandler(cause -> end(cause, false));
            if (request.response().closed()) {
                end(new IOException("Connection was closed"), false);
            }
            goOn();
        });
    }

    /** Waits until bytes arrive or the body ends. */
    private void await() throws IOException {
        long since = System.nanoTime();
        while (waiting.isEmpty() && !ended) {
            long left = silence - (System.nanoTime() - since);
            if (left <= 0) {
                end(new IOException("Nothing came for " + TimeUnit.NANOSECONDS.toSeconds(silence) + " s"), false);
                request.connection().close();
                return;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(waiting, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("while something was received").initCause(e);
            }
        }
    }

    private void take(Buffer buffer) {
        boolean full;
        synchronized (waiting) {
            if (ended || buffer.length() == 0) {
                return;
            }
            waiting.add(buffer.getByteBuf());
            bytes += buffer.length();
            full = bytes >= MOST_WAITING;
            waiting.notifyAll();
        }
        if (full && !resting) {
            resting = true;
            request.pause();
        }
    }

    private void goOn() {
        boolean room;
        synchronized (waiting) {
            room = bytes <= AGAIN;
        }
        if (room && resting) {
            resting = false;
            request.resume();
        }
    }

    /**
     * Marks the body as ended.
     *
     * @param cause the failure, or null at the regular end
     * @param drop whether to discard buffered bytes
     * @return false if it had already ended
     */
    private boolean end(@Nullable Throwable cause, boolean drop) {
        synchronized (waiting) {
            boolean first = !ended;
            if (first) {
                ended = true;
                failure = cause;
            }
            if (drop) {
                waiting.clear();
                bytes = 0;
            }
            waiting.notifyAll();
            return first;
        }
    }
}
