package dev.narthex.ops.connections;

import java.time.Duration;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Limits for client connections, on both ports.
 *
 * @param headerTimeout from the connection, or from the first byte of a later request, to the end of the header; includes TLS
 * @param idleTimeout from the end of a response to the first byte of the next request
 * @param writeTimeout how long a client may accept no bytes of a response
 * @param maxConnections maximum number of connections; those of the management port do not count, so that health checks still work
 */
record ConnectionsConfig(
        Duration headerTimeout, Duration idleTimeout, Duration writeTimeout, int maxConnections, int managementPort) {
    private static final String PREFIX = "narthex.connections.";

    static ConnectionsConfig read() {
        var config = ConfigProvider.getConfig();
        return new ConnectionsConfig(
                config.getValue(PREFIX + "header-timeout", Duration.class),
                config.getValue(PREFIX + "idle-timeout", Duration.class),
                config.getValue(PREFIX + "write-timeout", Duration.class),
                config.getValue(PREFIX + "max", Integer.class),
                config.getValue("narthex.management-port", Integer.class));
    }
}
