package dev.narthex.client.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A loopback port for a program that takes its port as an option. A port from the system's ephemeral range could be used by
 * another connection before the program listens, so it is below that range (ip(7)).
 */
public final class FreePort {
    private static final Path RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int LOWEST = 10_000;
    private static final int TRIES = 1000;

    private FreePort() {}

    public static int choose() {
        // with a single read, because the kernel returns such a file to the first read only
        try (var range = Files.newBufferedReader(RANGE)) {
            int end = Integer.parseInt(range.readLine().split("\\s+")[0]);
            for (int i = 0; i < TRIES; i++) {
                int port = ThreadLocalRandom.current().nextInt(LOWEST, end);
                if (free(port)) {
                    return port;
                }
            }
            throw new AssertionError("no port of " + LOWEST + " to " + end + " is free");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean free(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
