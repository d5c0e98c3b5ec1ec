package dev.narthex.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.FreePort;
import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A server with short timeouts and TLS, and clients that are slow or silent. */
abstract class ConnectionTimeoutsSetup {
    static final Duration HEADER = Duration.ofSeconds(4);
    static final Duration IDLE = Duration.ofSeconds(5);
    static final Duration SILENCE = Duration.ofSeconds(3);
    static final Duration WRITE = Duration.ofSeconds(3);
    /** For a busy machine; timeouts are also checked at intervals of an eighth. */
    static final Duration MARGIN = Duration.ofSeconds(4);

    static final long NAR_BYTES = 128L << 20;

    static final ExecutorService CLIENTS = Executors.newVirtualThreadPerTaskExecutor();

    static int tlsPort;
    static Path certificate;
    static Server server;
    static String narInfo;
    static String nar;

    @BeforeAll
    static void start(@TempDir Path scratch) throws Exception {
        tlsPort = FreePort.choose();
        var store = scratch.resolve("tls.p12").toString();
        certificate = scratch.resolve("tls.pem");
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        var programs = new ProgramRunner(scratch);
        programs.run(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "it",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=dns:localhost",
                        "-keystore",
                        store,
                        "-storepass",
                        "secret")
                .succeeded();
        programs.run(
                        keytool,
                        "-exportcert",
                        "-rfc",
                        "-alias",
                        "it",
                        "-keystore",
                        store,
                        "-storepass",
                        "secret",
                        "-file",
                        certificate.toString())
                .succeeded();
        server = Server.start(
                Server.folder(),
                Server.SHORT_LIVED,
                "-Dnarthex.connections.header-timeout=" + HEADER,
                "-Dnarthex.connections.idle-timeout=" + IDLE,
                "-Dnarthex.connections.write-timeout=" + WRITE,
                "-Dquarkus.http.read-timeout=" + SILENCE,
                "-Dquarkus.http.ssl-port=" + tlsPort,
                "-Dquarkus.http.insecure-requests=enabled",
                "-Dquarkus.http.ssl.certificate.key-store-file=" + store,
                "-Dquarkus.http.ssl.certificate.key-store-password=secret");
        var info = NarClient.push(server, new SeededNar(1, NAR_BYTES));
        narInfo = "/main/" + info.path().hash() + ".narinfo";
        nar = server.http
                .send(server.request(narInfo).build(), BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith("URL: "))
                .map(line -> "/main/" + line.substring("URL: ".length()))
                .findFirst()
                .orElseThrow();
    }

    @AfterAll
    static void stop() {
        CLIENTS.close();
        server.close();
    }

    /** Half a header each; every fourth client continues with one byte per second. */
    static final class HalfOpen implements AutoCloseable {
        private static final String BEGUN = "GET /main/nix-cache-info HTTP/1.1\r\nHost: localhost\r\nX-More: ";

        private final Selector selector = Selector.open();
        private final List<SelectionKey> keys = new ArrayList<>();
        private Duration longest = Duration.ZERO;

        HalfOpen(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                var channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
                channel.write(ByteBuffer.wrap(BEGUN.getBytes(StandardCharsets.US_ASCII)));
                channel.configureBlocking(false);
                keys.add(channel.register(selector, SelectionKey.OP_READ, System.nanoTime()));
            }
        }

        void awaitEnd() throws IOException {
            long end = System.nanoTime() + HEADER.plus(MARGIN).multipliedBy(3).toNanos();
            long trickled = System.nanoTime();
            while (!selector.keys().isEmpty() && System.nanoTime() < end) {
                selector.select(this::end, 100);
                selector.selectNow();
                if (System.nanoTime() - trickled > Duration.ofSeconds(1).toNanos()) {
                    trickled = System.nanoTime();
                    trickle();
                }
            }
            assertEquals(0, selector.keys().size(), "connections that are still open");
        }

        private void trickle() throws IOException {
            for (int i = 0; i < keys.size(); i += 4) {
                if (keys.get(i).isValid()) {
                    try {
                        ((SocketChannel) keys.get(i).channel()).write(ByteBuffer.wrap(new byte[] {'a'}));
                    } catch (IOException e) {
                        end(keys.get(i));
                    }
                }
            }
        }

        private void end(SelectionKey key) {
            try {
                assertEquals(-1, ((SocketChannel) key.channel()).read(ByteBuffer.allocate(1024)));
            } catch (IOException reset) {
                // the last bytes crossed with the close
            }
            longest = Collections.max(List.of(longest, Duration.ofNanos(System.nanoTime() - (long) key.attachment())));
            try {
                key.channel().close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        Duration longest() {
            return longest;
        }

        @Override
        public void close() throws IOException {
            for (var key : keys) {
                key.channel().close();
            }
            selector.close();
        }
    }

    /** Whether the server's end of a connection is open (proc(5), /proc/net/tcp: state 01). */
    static boolean established(Socket socket) throws IOException {
        var ends = "(?s).*:%04X [0-9A-F]+:%04X 01 .*".formatted(socket.getPort(), socket.getLocalPort());
        return Files.readString(Path.of("/proc/net/tcp")).matches(ends)
                || Files.readString(Path.of("/proc/net/tcp6")).matches(ends);
    }

    static byte[] untilEnd(Socket socket) throws IOException {
        try {
            return socket.getInputStream().readAllBytes();
        } catch (SocketException reset) {
            return new byte[0];
        }
    }

    static void assertNear(Duration timeout, Duration took) {
        assertTrue(took.compareTo(timeout.minusSeconds(1)) > 0, "closed after " + took);
        assertTrue(took.compareTo(timeout.plus(MARGIN)) < 0, "closed after " + took);
    }

    static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertFalse(next < 0, "it ended: " + head);
            head.append((char) next);
        }
        return head.toString();
    }

    /** The pace of the client, not a wait for the server. */
    static void pause(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }
}
