package dev.narthex.ops;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection whose client does not finish the header of a request, sends no further request, or accepts nothing of a
 * response. Bytes alone do not extend the time for a header, so a client that sends one now and then gains nothing.
 *
 * <p>It is the first handler of the pipeline, so it sees bytes, encrypted or not, and is the same for HTTP/1 and HTTP/2. That
 * a header is complete it learns from {@link #track}. All but that runs on the event loop of the connection.
 */
final class ConnectionTimeoutHandler extends ChannelDuplexHandler {
    /** A timeout is exceeded by at most an eighth. */
    private static final int CHECKS_PER_TIMEOUT = 8;

    /** In bytes. Smaller writes are answers to frames such as PING, which a client can ask for without reading a response. */
    private static final int CONTROL_FRAME = 64;

    private final long headerNanos;
    private final long idleNanos;
    private final long writeNanos;

    private @Nullable ScheduledFuture<?> checks;
    /** Of HTTP/1, where a connection has one request at a time. */
    private boolean responding;

    private boolean inHeader = true;
    private long waitingSince;

    private long written;
    private long progress;
    private long progressAt;

    ConnectionTimeoutHandler(ConnectionConfig config) {
        this.headerNanos = config.headerTimeout().toNanos();
        this.idleNanos = config.idleTimeout().toNanos();
        this.writeNanos = config.writeTimeout().toNanos();
    }

    /** A request whose header is complete. Its connection has no time limits until the response has ended. */
    static void track(RoutingContext context) {
        var connection = (ConnectionBase) context.request().connection();
        var handler = connection.channel().pipeline().get(ConnectionTimeoutHandler.class);
        if (handler != null) {
            var loop = connection.channel().eventLoop();
            handler.begin();
            context.addEndHandler(ended -> {
                if (loop.inEventLoop()) {
                    handler.end();
                } else {
                    loop.execute(handler::end);
                }
            });
        }
    }

    private void begin() {
        responding = true;
        inHeader = false;
        progressAt = System.nanoTime();
    }

    private void end() {
        responding = false;
        waitingSince = System.nanoTime();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        waitingSince = System.nanoTime();
        progressAt = waitingSince;
        long interval = Math.min(headerNanos, Math.min(idleNanos, writeNanos)) / CHECKS_PER_TIMEOUT;
        checks = context.executor()
                .scheduleWithFixedDelay(() -> check(context), interval, interval, TimeUnit.NANOSECONDS);
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (checks != null) {
            checks.cancel(false);
        }
        context.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!responding && !inHeader && http2(context) == null) {
            inHeader = true;
            waitingSince = System.nanoTime();
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (!(message instanceof ByteBuf bytes)) {
            written++;
        } else if (bytes.readableBytes() >= CONTROL_FRAME) {
            written += bytes.readableBytes();
        }
        context.write(message, promise);
    }

    private void check(ChannelHandlerContext context) {
        long now = System.nanoTime();
        var http2 = http2(context);
        if (unsent(context, http2)) {
            long at = progress(context);
            if (at != progress) {
                progress = at;
                progressAt = now;
            } else if (now - progressAt >= writeNanos) {
                context.close();
            }
            return;
        }
        progressAt = now;
        if (http2 == null ? responding : http2.connection().numActiveStreams() > 0) {
            waitingSince = now;
        } else if (inHeader && now - waitingSince >= headerNanos) {
            context.close();
        } else if (!inHeader && now - waitingSince >= idleNanos) {
            // through the whole pipeline: HTTP/2 and TLS say goodbye
            context.channel().close();
        }
    }

    /** Its streams are its requests. Between them clients send frames that begin none, such as WINDOW_UPDATE and PING. */
    private static @Nullable Http2ConnectionHandler http2(ChannelHandlerContext context) {
        return context.pipeline().get(Http2ConnectionHandler.class);
    }

    /** Whether a response waits for the client: in front of the socket, or, in HTTP/2, for a window. */
    private static boolean unsent(ChannelHandlerContext context, @Nullable Http2ConnectionHandler http2) {
        var buffer = context.channel().unsafe().outboundBuffer();
        return (buffer != null && !buffer.isEmpty()) || (http2 != null && blocked(http2));
    }

    private static boolean blocked(Http2ConnectionHandler http2) {
        var window = http2.encoder().flowController();
        try {
            return http2.connection().forEachActiveStream(window::isWritable) != null;
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Changes when the client accepts something. */
    private long progress(ChannelHandlerContext context) {
        var buffer = Objects.requireNonNull(context.channel().unsafe().outboundBuffer());
        return written + buffer.currentProgress() + System.identityHashCode(buffer.current());
    }
}
