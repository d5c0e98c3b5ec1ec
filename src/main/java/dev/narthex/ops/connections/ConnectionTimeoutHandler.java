package dev.narthex.ops.connections;

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
 * Closes a connection whose client does not finish a request header, sends no further request, or accepts no bytes of a response.
 * Receiving bytes does not extend the header timeout, so sending a byte now and then does not help (slowloris).
 *
 * <p>It is the first handler of the pipeline, so it sees raw bytes, encrypted or not, and works the same for HTTP/1 and HTTP/2.
 * {@link #track} reports that a header is complete. Everything else runs on the event loop of the connection.
 */
public final class ConnectionTimeoutHandler extends ChannelDuplexHandler {
    /** Timeouts are exceeded by at most an eighth. */
    private static final int CHECKS_PER_TIMEOUT = 8;

    /** In bytes. Smaller writes answer frames such as PING, which a client can trigger without reading a response. */
    private static final int MAX_CONTROL_FRAME_BYTES = 64;

    private final long headerNanos;
    private final long idleNanos;
    private final long writeNanos;

    private @Nullable ScheduledFuture<?> checkTask;
    /** For HTTP/1 only, where a connection has one request at a time. */
    private boolean responding;

    private boolean inHeader = true;
    private long waitingSince;

    private long written;
    private long progress;
    private long progressAt;

    ConnectionTimeoutHandler(ConnectionsConfig config) {
        this.headerNanos = config.headerTimeout().toNanos();
        this.idleNanos = config.idleTimeout().toNanos();
        this.writeNanos = config.writeTimeout().toNanos();
    }

    /**
     * Reports a request with a complete header. Until its response ends, its connection has no header or idle timeout; only the
     * write timeout applies.
     */
    public static void track(RoutingContext context) {
        var connection = (ConnectionBase) context.request().connection();
        var handler = connection.channel().pipeline().get(ConnectionTimeoutHandler.class);
        if (handler != null) {
            var loop = connection.channel().eventLoop();
            handler.beginResponse();
            context.addEndHandler(result -> {
                if (loop.inEventLoop()) {
                    handler.endResponse();
                } else {
                    loop.execute(handler::endResponse);
                }
            });
        }
    }

    private void beginResponse() {
        responding = true;
        inHeader = false;
        progressAt = System.nanoTime();
    }

    private void endResponse() {
        responding = false;
        waitingSince = System.nanoTime();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        waitingSince = System.nanoTime();
        progressAt = waitingSince;
        long interval = Math.min(headerNanos, Math.min(idleNanos, writeNanos)) / CHECKS_PER_TIMEOUT;
        checkTask = context.executor()
                .scheduleWithFixedDelay(() -> check(context), interval, interval, TimeUnit.NANOSECONDS);
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (checkTask != null) {
            checkTask.cancel(false);
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
        } else if (bytes.readableBytes() >= MAX_CONTROL_FRAME_BYTES) {
            written += bytes.readableBytes();
        }
        context.write(message, promise);
    }

    private void check(ChannelHandlerContext context) {
        long now = System.nanoTime();
        var http2 = http2(context);
        if (hasUnsentData(context, http2)) {
            long currentProgress = progress(context);
            if (currentProgress != progress) {
                progress = currentProgress;
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
            // Through the whole pipeline, so that HTTP/2 and TLS close properly.
            context.channel().close();
        }
    }

    /**
     * Returns the HTTP/2 handler, or null for HTTP/1. In HTTP/2, active streams are the requests; between them clients send frames
     * that start none, such as WINDOW_UPDATE and PING.
     */
    private static @Nullable Http2ConnectionHandler http2(ChannelHandlerContext context) {
        return context.pipeline().get(Http2ConnectionHandler.class);
    }

    /** Returns whether a response waits for the client: for the socket or, in HTTP/2, for a flow-control window. */
    private static boolean hasUnsentData(ChannelHandlerContext context, @Nullable Http2ConnectionHandler http2) {
        var buffer = context.channel().unsafe().outboundBuffer();
        return (buffer != null && !buffer.isEmpty()) || (http2 != null && isBlocked(http2));
    }

    private static boolean isBlocked(Http2ConnectionHandler http2) {
        var window = http2.encoder().flowController();
        try {
            return http2.connection().forEachActiveStream(window::isWritable) != null;
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns a value that changes whenever the client accepts bytes. */
    private long progress(ChannelHandlerContext context) {
        var buffer = Objects.requireNonNull(context.channel().unsafe().outboundBuffer());
        return written + buffer.currentProgress() + System.identityHashCode(buffer.current());
    }
}
