package dev.narthex.ops;

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
public final class ConnectionExtension extends ChannelInitializerExtension {
    private static final long WARNING_INTERVAL = Duration.ofMinutes(1).toNanos();

    private final ConnectionConfig config = ConnectionConfig.read();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong warned = new AtomicLong(System.nanoTime() - WARNING_INTERVAL);

    /** Call it before a server listens. */
    static void enable() {
        System.setProperty(EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
    }

    @Override
    public void postInitializeServerChildChannel(Channel channel) {
        if (managed(channel)) {
            channel.pipeline().addLast(new ConnectionTimeoutHandler(config));
            return;
        }
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        if (open.incrementAndGet() > config.max()) {
            channel.pipeline().addLast(new Refusal());
            warn();
        } else {
            channel.pipeline().addLast(new ConnectionTimeoutHandler(config));
        }
    }

    /** Closes only after Netty has registered the connection; it reports an earlier close as an error. */
    private static final class Refusal extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.close();
        }
    }

    private boolean managed(Channel channel) {
        return channel.localAddress() instanceof InetSocketAddress address
                && address.getPort() == config.managementPort();
    }

    private void warn() {
        long now = System.nanoTime();
        long last = warned.get();
        if (now - last >= WARNING_INTERVAL && warned.compareAndSet(last, now)) {
            Log.warnf(
                    "%d connections are open, and narthex.connections.max allows no more. New connections are closed.",
                    config.max());
        }
    }
}
