package dev.narthex.ops.start;

import dev.narthex.ops.settings.RawConfiguration;
import dev.narthex.ops.settings.StartException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * Checks before anything starts that the ports are free. Otherwise the database would start first, and the HTTP server would name
 * the port only at the end of a stack trace.
 */
final class PortCheck {
    private static final String LOOPBACK = "127.0.0.1";

    private PortCheck() {}

    /** @throws StartException with one line that names the port in use */
    static void require(RawConfiguration configuration) throws IOException {
        requireFree(
                configuration.valueOrDefault("quarkus.http.host"),
                configuration.valueOrDefault("quarkus.http.port"),
                "quarkus.http.port, or deploy/run --port");
        requireFree(
                configuration.findValue("quarkus.management.host").orElse(LOOPBACK),
                configuration.valueOrDefault("narthex.management-port"),
                "narthex.management-port");
    }

    private static void requireFree(String host, String port, String setting) throws IOException {
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            return; // an expression, or a value that is refused later
        }
        try (var socket = new ServerSocket(Integer.parseInt(port), 1, InetAddress.getByName(host))) {
            assert socket.isBound();
        } catch (BindException e) {
            throw new StartException("Narthex does not start: it cannot listen on port " + port + " of " + host + " ("
                    + e.getMessage() + "). Stop the program that uses this port, or choose another one with " + setting
                    + ".");
        }
    }
}
