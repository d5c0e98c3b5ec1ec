package dev.narthex.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Request bodies over real connections, read at various speeds. */
@Timeout(60)
class RequestBodyStreamTest {
    private static final int WAITING = RequestBodyInputStream.MAX_BUFFERED_BYTES;

    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** Handles a request body. */
    private interface Reader<T> {
        T read(InputStream body) throws Exception;
    }

    /** An HTTP server that accepts one request. */
    private static final class Taking<T> implements AutoCloseable {
        private final CompletableFuture<T> outcome = new CompletableFuture<>();
        private final Reader<T> reader;
        private final Duration silence;
        private final HttpServer server;

        Taking(Duration silence, Reader<T> reader) {
            this.reader = reader;
            this.silence = silence;
            var options =
                    new HttpServerOptions().setHost("127.0.0.1").setPort(0).setMaxChunkSize(131072);
            this.server = vertx.createHttpServer(options)
                    .requestHandler(this::take)
                    .listen()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }

        Taking(Reader<T> reader) {
            this(Duration.ofSeconds(30), reader);
        }

        private void take(HttpServerRequest request) {
            request.pause();
            var loop = vertx.getOrCreateContext();
            Thread.startVirtualThread(() -> {
                try (var body = new RequestBodyInputStream(request, loop, silence)) {
                    outcome.complete(reader.read(body));
                } catch (Exception e) {
                    outcome.completeExceptionally(e);
                } finally {
                    loop.runOnContext(ignored -> request.response().end("done"));
                }
            });
        }

        Socket connect() throws IOException {
            return new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
        }

        T outcome() throws Exception {
            try {
                return outcome.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }

        @Override
        public void close() {
            server.close();
        }
    }

    private static byte[] bytes(int count) {
        var bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static void head(Socket socket, String headers) throws IOException {
        socket.getOutputStream().write(("PUT / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n").getBytes(US_ASCII));
    }

    private static void send(Socket socket, byte[] body) throws IOException {
        head(socket, "Content-Length: " + body.length + "\r\n");
        socket.getOutputStream().write(body);
    }

    private static String answer(Socket socket) throws IOException {
        var answer = new ByteArrayOutputStream();
        while (!answer.toString(US_ASCII).endsWith("done")) {
            int read = socket.getInputStream().read();
            assertTrue(read >= 0, answer::toString);
            answer.write(read);
        }
        return answer.toString(US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_536, WAITING - 1, WAITING, WAITING + 1, 20_000_017})
    void bytesArriveInOrder(int count) throws Exception {
        var bytes = bytes(count);
        try (var server = new Taking<>(InputStream::readAllBytes);
                var socket = server.connect()) {
            send(socket, bytes);
            assertArrayEquals(bytes, server.outcome());
            assertTrue(answer(socket).startsWith("HTTP/1.1 200"));
        }
    }

    @Test
    void bodyOfUnknownLengthIsRead() throws Exception {
        try (var server = new Taking<>(InputStream::readAllBytes);
                var socket = server.connect()) {
            head(socket, "Transfer-Encoding: chunked\r\n");
            socket.getOutputStream().write("3\r\nabc\r\n".getBytes(US_ASCII));
            socket.getOutputStream().write("2\r\nde\r\n0\r\n\r\n".getBytes(US_ASCII));
            assertEquals("abcde", new String(server.outcome(), US_ASCII));
        }
    }

    /** A slow reader gets the whole body, and the sender waits. */
    @Test
    void slowReaderPausesTheConnection() throws Exception {
        var bytes = bytes(64 << 20);
        var go = new CompletableFuture<Void>();
        var sent = new CompletableFuture<Void>();
        try (var server = new Taking<>(body -> {
                    int first = body.read();
                    go.join();
                    return first == (bytes[0] & 0xff) ? body.readAllBytes().length : -1;
                });
                var socket = server.connect()) {
            Thread.startVirtualThread(() -> {
                try {
                    send(socket, bytes);
                    sent.complete(null);
                } catch (IOException e) {
                    sent.completeExceptionally(e);
                }
            });
            assertThrows(
                    TimeoutException.class,
                    () -> sent.get(1, TimeUnit.SECONDS),
                    "64 MiB were received before the handler read them");
            go.complete(null);
            assertEquals(bytes.length - 1, server.outcome());
            sent.join();
        }
    }

    @Test
    void receivedBytesAreReadBeforeAClosedConnectionIsReported() throws Exception {
        var bytes = bytes(300_000);
        var begun = new CompletableFuture<Void>();
        try (var server = new Taking<>(body -> {
            var received = new byte[bytes.length];
            received[0] = (byte) body.read();
            begun.complete(null);
            assertEquals(bytes.length - 1, body.readNBytes(received, 1, bytes.length - 1));
            assertThrows(IOException.class, body::read);
            assertThrows(IOException.class, body::read);
            return received;
        })) {
            try (var socket = server.connect()) {
                head(socket, "Content-Length: 400000\r\n");
                socket.getOutputStream().write(bytes);
                begun.join();
            }
            assertArrayEquals(bytes, server.outcome());
        }
    }

    @Test
    void stalledBodyTimesOut() throws Exception {
        try (var server = new Taking<>(Duration.ofMillis(300), InputStream::readAllBytes);
                var socket = server.connect()) {
            head(socket, "Content-Length: 10\r\n");
            socket.getOutputStream().write(1);
            assertThrows(IOException.class, server::outcome);
            assertEquals(-1, socket.getInputStream().read());
        }
    }

    /** A client that sends its whole body before it reads gets the response, and can reuse the connection. */
    @Test
    void unreadBodyIsDiscarded() throws Exception {
        var bytes = bytes(64 << 20);
        try (var server = new Taking<>(InputStream::read);
                var socket = server.connect()) {
            send(socket, bytes);
            assertEquals(bytes[0] & 0xff, server.outcome());
            answer(socket);
            send(socket, bytes(10));
            answer(socket);
        }
    }

    @Test
    void expect100ContinueIsAnswered() throws Exception {
        try (var server = new Taking<>(InputStream::readAllBytes);
                var socket = server.connect()) {
            head(socket, "Content-Length: 3\r\nExpect: 100-continue\r\n");
            assertEquals(
                    "HTTP/1.1 100 Continue\r\n\r\n",
                    new String(socket.getInputStream().readNBytes(25), US_ASCII));
            socket.getOutputStream().write("abc".getBytes(US_ASCII));
            assertEquals("abc", new String(server.outcome(), US_ASCII));
        }
    }
}
