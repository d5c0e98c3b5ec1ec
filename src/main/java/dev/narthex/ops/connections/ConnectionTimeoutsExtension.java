package dev.narthex.ops.connections;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.quarkus.logging.Log;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Adds a {@link ConnectionTimeoutHandler} to each accepted connection, and closes connections beyond the limit. Netty loads it
 * through {@code META-INF/services} and a system property that {@link #enable} sets, because Vert.x has no hook before the first
 * request of a connection.
 */
public final class ConnectionTimeoutsExtension extends ChannelInitializerExtension {
    private static final long WARNING_INTERVAL = Duration.ofMinutes(1).toNanos();

    private final ConnectionsConfig config = ConnectionsConfig.read();
    private final AtomicInteger openConnections = new AtomicInteger();
    private final AtomicLong lastWarningNanos = new AtomicLong(System.nanoTime() - WARNING_INTERVAL);

    /** Call it before a server listens. */
    public static void enable() {
        System.setProperty(EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
    }

    @Override
    public void postInitializeServerChildChannel(Channel channel) {
        if (isManagement(channel)) {
            channel.pipeline().addLast(new ConnectionTimeoutHandler(config));
            return;
        }
        channel.closeFuture().addListener(closed -> openConnections.decrementAndGet());
        if (openConnections.incrementAndGet() > config.maxConnections()) {
            channel.pipeline().addLast(new ConnectionCloser());
            warnAtIntervals();
        } else {
            channel.pipeline().addLast(new ConnectionTimeoutHandler(config));
        }
    }

    /** Closes only after Netty has registered the connection; it reports an earlier close as an error. */
    private static final class ConnectionCloser extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.close();
        }
    }

    private boolean isManagement(Channel channel) {
        return channel.localAddress() instanceof InetSocketAddress address
                && address.getPort() == config.managementPort();
    }

    private void warnAtIntervals() {
        long now = System.nanoTime();
        long last = lastWarningNanos.get();
        if (now - last >= WARNING_INTERVAL && lastWarningNanos.compareAndSet(last, now)) {
            Log.warnf(
                    "%d connections are open, and narthex.connections.max allows no more. New connections are closed.",
                    config.maxConnections());
        }
    }
}
