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
 * The body of a request, which goes on coming while what came before is worked on: a connection that is asked for each piece
 * stands still in between. It rests while a MiB waits here, and what waits when it fails can still be read. To be read by one
 * thread, not that of the event loop.
 */
final class Receiving extends InputStream {
    /** In bytes. The connection rests from here on, until half of them are read. */
    static final int MOST_WAITING = 1 << 20;

    private static final int AGAIN = MOST_WAITING / 2;

    private final HttpServerRequest request;
    private final Context loop;
    private final long silence;

    /** The lock of the fields that both threads have. */
    private final Queue<ByteBuf> waiting = new ArrayDeque<>();

    private int bytes;
    private boolean ended;
    private @Nullable Throwable failure;

    /** Whether the connection was told to; the event loop's alone. */
    private boolean resting = true;

    private boolean begun;
    private ByteBuf piece = Unpooled.EMPTY_BUFFER;

    /**
     * @param loop of the request
     * @param silence after which a client is given up
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

    /** Nothing of it is wanted any more: whatever comes is dropped, so that the client can be answered. */
    @Override
    public void close() {
        piece = Unpooled.EMPTY_BUFFER;
        if (end(new IOException("Stream is closed"), true) && begun) {
            loop.runOnContext(ignored -> request.resume());
        }
    }

    /** Empty at the end. */
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

    /** Until there is something, or an end. */
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

    /** @return whether it had not ended before */
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
