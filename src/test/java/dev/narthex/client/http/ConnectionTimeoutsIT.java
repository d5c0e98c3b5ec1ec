package dev.narthex.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.Poll;
import dev.narthex.client.support.RawResponse;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.TlsClients;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Connections of stalled clients are closed; clients that are only slow are served. */
class ConnectionTimeoutsIT extends ConnectionTimeoutsSetup {
    private static final int HALF_OPEN = 2000;

    /** All at the same time, because they mostly wait. */
    @TestFactory
    List<DynamicTest> connectionsEndInTimeAndSlowOnesAreNotCut() {
        return List.of(
                begin("half-open connections are closed while others are served", this::halfOpenConnectionsAreClosed),
                begin("an idle connection is closed and a used one is not", this::anIdleConnectionIsClosed),
                begin("a second header has as much time as the first", this::aSecondHeaderHasAsMuchTimeAsTheFirst),
                begin("long uploads and downloads are not cut", this::longUploadsAndDownloadsAreNotCut),
                begin("a client that reads nothing is closed", this::aClientThatReadsNothingIsClosed),
                begin("a body that stops ends the request on every route", this::aBodyThatStopsEndsTheRequest),
                begin("a TLS handshake has as much time as a header", this::silentTlsClientsAreClosed),
                begin("a header over TLS has as much time as another", this::halfHeadersOverTlsAreClosed),
                begin("an HTTP/2 connection without requests is closed", this::silentHttp2ClientsAreClosed),
                begin("HTTP/2 responses are cut only when nothing is read", this::http2ResponsesAreCut));
    }

    private interface Client {
        void run() throws Exception;
    }

    private static DynamicTest begin(String name, Client client) {
        var result = CLIENTS.submit(() -> {
            client.run();
            return true;
        });
        return DynamicTest.dynamicTest(name, () -> {
            try {
                result.get();
            } catch (ExecutionException e) {
                throw new AssertionError(name + ": " + e.getCause().getMessage(), e.getCause());
            }
        });
    }

    private void halfOpenConnectionsAreClosed() throws Exception {
        var over = new AtomicBoolean();
        var slowest = CompletableFuture.supplyAsync(() -> slowestAnswer(over));
        try (var connections = new HalfOpen(HALF_OPEN)) {
            connections.awaitEnd();
            assertTrue(
                    connections.longest().compareTo(HEADER.plus(MARGIN)) < 0, "closed after " + connections.longest());
        } finally {
            over.set(true);
        }
        assertTrue(slowest.get().compareTo(Duration.ofSeconds(2)) < 0, "an answer took " + slowest.get());
    }

    /** Requests of nix and of people, one after another until the end. */
    private static Duration slowestAnswer(AtomicBoolean over) {
        try {
            var slowest = Duration.ZERO;
            while (!over.get()) {
                for (var path : List.of("/main/nix-cache-info", narInfo, "/main")) {
                    long begun = System.nanoTime();
                    assertEquals(
                            200,
                            server.http
                                    .send(server.request(path).build(), BodyHandlers.discarding())
                                    .statusCode());
                    slowest = Collections.max(List.of(slowest, Duration.ofNanos(System.nanoTime() - begun)));
                }
            }
            return slowest;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private void anIdleConnectionIsClosed() throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout((int) IDLE.multipliedBy(3).toMillis());
            long begun = System.nanoTime();
            // longer than the header and idle timeouts in total, but never between two requests
            while (System.nanoTime() - begun < HEADER.plus(IDLE).toNanos()) {
                socket.getOutputStream()
                        .write("HEAD /main/nix-cache-info HTTP/1.1\r\nHost: x\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                var head = head(socket.getInputStream());
                assertTrue(head.startsWith("HTTP/1.1 200 "), head);
                pause(Duration.ofSeconds(1));
            }
            long last = System.nanoTime();
            assertEquals(-1, socket.getInputStream().read());
            assertNear(IDLE.minusSeconds(1), Duration.ofNanos(System.nanoTime() - last));
        }
    }

    private void aSecondHeaderHasAsMuchTimeAsTheFirst() throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout((int) HEADER.multipliedBy(3).toMillis());
            socket.getOutputStream()
                    .write("HEAD /main/nix-cache-info HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            head(socket.getInputStream());
            socket.getOutputStream().write("HEAD /main/nix-c".getBytes(StandardCharsets.US_ASCII));
            assertEndsAfter(HEADER, socket);
        }
    }

    private void longUploadsAndDownloadsAreNotCut() throws Exception {
        var slow = new SeededNar(2, 3L << 20);
        var body = BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> trickling(slow)), slow.narSize());
        var push = server.http.sendAsync(
                server.authorized("/main/nar/slow.nar").PUT(body).build(), BodyHandlers.ofString());
        var download = server.http
                .send(server.request(nar).build(), BodyHandlers.ofInputStream())
                .body();
        long read = readSlowly(download) + download.transferTo(OutputStream.nullOutputStream());
        assertTrue(read > NAR_BYTES / 2, "only " + read + " bytes came");
        var answer = push.get();
        assertEquals(201, answer.statusCode(), answer.body());
    }

    /** In many parts, with pauses below the silence timeout. */
    private static InputStream trickling(SeededNar nar) {
        try {
            var in = nar.open();
            return new FilterInputStream(in) {
                @Override
                public int read(byte[] bytes, int from, int count) throws IOException {
                    pause(Duration.ofMillis(100));
                    return super.read(bytes, from, Math.min(count, 32 << 10));
                }
            };
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void aClientThatReadsNothingIsClosed() throws Exception {
        try (var socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
            socket.getOutputStream()
                    .write(("GET " + nar + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            assertTrue(established(socket));
            long begun = System.nanoTime();
            Poll.until("the server closes it", () -> !established(socket));
            assertNear(WRITE, Duration.ofNanos(System.nanoTime() - begun));
        }
    }

    private void aBodyThatStopsEndsTheRequest() throws Exception {
        var token = Files.readString(server.data().resolve("admin-token")).strip();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var ends = threads.invokeAll(Stream.of(
                            "PUT /main/nar/half.nar application/octet-stream",
                            "PUT " + narInfo + " text/x-nix-narinfo",
                            "PUT /main/log/x.drv text/plain",
                            "POST /_api/v1/caches application/json",
                            "POST /_api/v1/get-missing-paths application/json",
                            "POST /_api/v1/tokens application/json",
                            "POST /_api/v1/main/import application/json",
                            "POST /_api/v1/main/locks/npm application/json",
                            "POST /_api/v1/main/derivation-meta application/json",
                            "PUT /_api/v1/upload-path application/octet-stream",
                            "PUT /registry/main/npm/left application/json",
                            "POST /registry/main/pypi/legacy/ multipart/form-data; boundary=x",
                            "POST /prefs application/x-www-form-urlencoded",
                            "POST /me application/x-www-form-urlencoded",
                            "POST /_/oidc/mint-token application/json",
                            "POST /-/v1/login application/json")
                    .map(route -> Executors.callable(() -> assertEnds(route, token)))
                    .toList());
            for (var end : ends) {
                end.get();
            }
        }
    }

    /** The response may come before the body. */
    private static void assertEnds(String route, String token) {
        var words = route.split(" ", 3);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout((int) IDLE.plus(MARGIN).multipliedBy(2).toMillis());
            socket.getOutputStream()
                    .write("""
                    %s %s HTTP/1.1\r
                    Host: localhost\r
                    Authorization: Bearer %s\r
                    Content-Type: %s\r
                    Content-Length: 100000\r
                    \r
                    {"half":""".formatted(words[0], words[1], token, words[2]).getBytes(StandardCharsets.US_ASCII));
            long begun = System.nanoTime();
            untilEnd(socket);
            var took = Duration.ofNanos(System.nanoTime() - begun);
            assertTrue(took.compareTo(IDLE.plus(MARGIN)) < 0, route + " took " + took);
        } catch (IOException e) {
            throw new UncheckedIOException(route, e);
        }
    }

    private void silentTlsClientsAreClosed() throws IOException {
        try (var silent = new Socket(InetAddress.getLoopbackAddress(), tlsPort)) {
            assertEndsAfter(HEADER, silent);
        }
    }

    private void halfHeadersOverTlsAreClosed() throws Exception {
        var context = TlsClients.trusting(certificate);
        try (var half =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), tlsPort)) {
            half.startHandshake();
            half.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
            assertEndsAfter(HEADER, half);
        }
    }

    /** The preface and settings of HTTP/2 (RFC 9113 §3.4), and then nothing. */
    private void silentHttp2ClientsAreClosed() throws IOException {
        try (var http2 = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            http2.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            http2.getOutputStream().write(HexFormat.of().parseHex("000000040000000000"));
            assertEndsAfter(HEADER, http2);
        }
    }

    private void http2ResponsesAreCut() throws Exception {
        var client = HttpClient.newBuilder()
                .sslContext(TlsClients.trusting(certificate))
                .version(HttpClient.Version.HTTP_2)
                .build();
        try {
            var request = HttpRequest.newBuilder(URI.create("https://localhost:" + tlsPort + nar))
                    .build();
            var answer = client.send(request, BodyHandlers.ofInputStream());
            assertEquals(HttpClient.Version.HTTP_2, answer.version());
            assertTrue(readSlowly(answer.body()) > 10 << 20, "the response was cut");
            pause(WRITE.plus(MARGIN));
            assertThrows(IOException.class, answer.body()::readAllBytes);
        } finally {
            client.shutdownNow();
        }
    }

    /**
     * Reads for longer than any of the timeouts. HTTP/2 sends a window update after half of a window (8 MiB), which is sooner
     * than the write timeout.
     *
     * @return the number of bytes received
     */
    private static long readSlowly(InputStream body) throws IOException {
        long begun = System.nanoTime();
        long read = 0;
        while (System.nanoTime() - begun < HEADER.plus(IDLE).toNanos()) {
            read += body.readNBytes(1 << 20).length;
            pause(Duration.ofMillis(150));
        }
        return read;
    }

    private static void assertEndsAfter(Duration timeout, Socket socket) throws IOException {
        socket.setSoTimeout((int) timeout.plus(MARGIN).multipliedBy(2).toMillis());
        long begun = System.nanoTime();
        untilEnd(socket);
        assertNear(timeout, Duration.ofNanos(System.nanoTime() - begun));
    }

    @Test
    void connectionsOverTheLimitAreClosedAndHealthIsServed() throws Exception {
        try (var small = Server.start(Server.folder(), Server.SHORT_LIVED, "-Dnarthex.connections.max=20")) {
            var open = new ArrayList<Socket>();
            try {
                for (int i = 0; i < 20; i++) {
                    open.add(new Socket(InetAddress.getLoopbackAddress(), small.port()));
                }
                try (var more = new Socket(InetAddress.getLoopbackAddress(), small.port())) {
                    more.setSoTimeout(10_000);
                    assertEquals(0, untilEnd(more).length);
                }
                assertEquals(
                        200,
                        small.http
                                .send(small.management("/q/health/live").build(), BodyHandlers.discarding())
                                .statusCode());
                assertTrue(small.log().contains("narthex.connections.max allows no more"), small.log());
            } finally {
                for (var socket : open) {
                    socket.close();
                }
            }
            Poll.until("there is room again", () -> answers(small));
        }
    }

    private static boolean answers(Server small) throws IOException {
        try {
            return RawResponse.get(small, "GET", "/main/nix-cache-info").status() == 200;
        } catch (SocketException reset) {
            return false;
        }
    }
}
