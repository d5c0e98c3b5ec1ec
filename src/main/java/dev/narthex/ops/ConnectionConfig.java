package dev.narthex.ops;

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
record ConnectionConfig(
        Duration headerTimeout, Duration idleTimeout, Duration writeTimeout, int maxConnections, int managementPort) {
    private static final String PREFIX = "narthex.connections.";

    static ConnectionConfig read() {
        var config = ConfigProvider.getConfig();
        return new ConnectionConfig(
                config.getValue(PREFIX + "header-timeout", Duration.class),
                config.getValue(PREFIX + "idle-timeout", Duration.class),
                config.getValue(PREFIX + "write-timeout", Duration.class),
                config.getValue(PREFIX + "max", Integer.class),
                config.getValue("narthex.management-port", Integer.class));
    }
}
