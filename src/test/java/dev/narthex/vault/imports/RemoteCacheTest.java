package dev.narthex.vault.imports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.narthex.problem.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a misbehaving server. */
class RemoteCacheTest {
    private static final String S3_PAGE =
            "<ListBucketResult><Contents><Key>%s.narinfo</Key></Contents>%s</ListBucketResult>";

    @TempDir
    Path scratch;

    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
        threads.close();
    }

    private record Config(Optional<Path> netrc) implements VaultConfig {
        @Override
        public boolean privateAddresses() {
            return false;
        }

        @Override
        public int connections() {
            return 1;
        }

        @Override
        public Duration stalledAfter() {
            return Duration.ofMillis(300);
        }

        @Override
        public int attempts() {
            return 3;
        }
    }

    private RemoteCache source(boolean privateAddresses) {
        return new RemoteCache(SourceUrl.parse(url()), privateAddresses, new Config(Optional.empty()));
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/bucket";
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void redirect(String from, String to) {
        server.createContext(from, exchange -> {
            exchange.getResponseHeaders().set("Location", to);
            answer(exchange, 302, "over there");
        });
    }

    @Test
    void presentPathsAreReadAndAbsentOnesReported() throws IOException {
        server.createContext("/bucket/a", exchange -> answer(exchange, 200, "text"));
        server.createContext("/bucket/forbidden", exchange -> answer(exchange, 403, "AccessDenied"));
        assertEquals(Optional.of("text"), source(true).text("a"));
        assertEquals(Optional.empty(), source(true).text("forbidden"));
        assertEquals(Optional.empty(), source(true).text("none"));
    }

    @Test
    void privateAddressesAreNotContacted() {
        var asked = new AtomicInteger();
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            answer(exchange, 200, "secret");
        });
        var refused = assertThrows(ProblemException.class, () -> source(false).text("a"));
        assertTrue(refused.problem().detail().contains("private network"));
        assertEquals(0, asked.get());
    }

    @Test
    void redirectsAreLimitedToFiveAndHttp() throws IOException {
        server.createContext("/bucket/a", exchange -> answer(exchange, 200, "text"));
        redirect("/bucket/once", "a");
        redirect("/bucket/ever", "/bucket/ever");
        redirect("/bucket/file", "file:///etc/passwd");
        redirect("/bucket/nowhere", "http://");
        assertEquals(Optional.of("text"), source(true).text("once"));
        for (var target : List.of("ever", "file", "nowhere")) {
            assertThrows(ProblemException.class, () -> source(true).text(target), target);
        }
    }

    @Test
    void endlessTextIsNotReadToItsEnd() {
        server.createContext("/bucket/long", exchange -> answer(exchange, 200, "x".repeat(2 << 20)));
        assertEquals(
                413,
                assertThrows(ProblemException.class, () -> source(true).text("long"))
                        .problem()
                        .status());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 50})
    void stalledOrSlowResponsesTimeOut(long pause) {
        server.createContext("/bucket/slow", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (var body = exchange.getResponseBody()) {
                body.write('x');
                body.flush();
                while (!over.await(pause == 0 ? 60_000 : pause, java.util.concurrent.TimeUnit.MILLISECONDS)) {
                    body.write('x');
                    body.flush();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThrows(IOException.class, () -> source(true).text("slow"));
    }

    @Test
    void busySourceIsRetriedALimitedNumberOfTimes() throws IOException {
        var asked = new AtomicInteger();
        server.createContext("/bucket/busy", exchange -> {
            boolean now = asked.incrementAndGet() == 3;
            answer(exchange, now ? 200 : 503, "at last");
        });
        server.createContext("/bucket/never", exchange -> answer(exchange, 500, ""));
        var retryPolicy = new RetryPolicy(3, new CountDownLatch(1));
        assertEquals(Optional.of("at last"), retryPolicy.with(() -> source(true).text("busy")));
        assertThrows(
                BusyException.class, () -> retryPolicy.with(() -> source(true).text("never")));
        assertThrows(
                RetryPolicy.StoppedException.class,
                () -> new RetryPolicy(3, new CountDownLatch(0))
                        .with(() -> source(true).text("never")));
    }

    @Test
    void bucketIsListedPageByPage() throws IOException {
        var queries = new ArrayList<String>();
        server.createContext("/bucket/", exchange -> {
            var query = exchange.getRequestURI().getRawQuery();
            queries.add(query);
            boolean first = !query.contains("continuation-token");
            answer(
                    exchange,
                    200,
                    first
                            ? S3_PAGE.formatted(
                                    "a".repeat(32), "<NextContinuationToken>x+/=&amp;</NextContinuationToken>")
                            : S3_PAGE.formatted("b".repeat(32), ""));
        });
        var hashes = new ArrayList<String>();
        SourceListing.read(source(true), hashes::addAll);
        assertEquals(List.of("a".repeat(32), "b".repeat(32)), hashes);
        assertEquals(
                List.of("list-type=2&delimiter=%2F", "list-type=2&delimiter=%2F&continuation-token=x%2B%2F%3D%26"),
                queries);
    }

    @Test
    void sourceWithoutAListingIsReported() {
        server.createContext("/bucket/", exchange -> answer(exchange, 200, "<html>Welcome</html>"));
        assertThrows(ProblemException.class, () -> SourceListing.read(source(true), found -> {}));
    }

    @Test
    void credentialsAreSentToTheirHostOnly() throws IOException {
        server.createContext("/bucket/mine", exchange -> {
            var sent = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
            answer(exchange, sent.isPresent() ? 200 : 401, sent.orElse(""));
        });
        var netrc = scratch.resolve("netrc");
        Files.writeString(netrc, "machine other.example login x password y\nmachine 127.0.0.1\n  login a password b\n");
        var knows = new RemoteCache(SourceUrl.parse(url()), true, new Config(Optional.of(netrc)));
        assertEquals(Optional.of("Basic YTpi"), knows.text("mine"));
        var refused = assertThrows(ProblemException.class, () -> source(true).text("mine"));
        assertTrue(refused.problem().detail().contains("NARTHEX_IMPORT_NETRC"));
        assertEquals(Optional.empty(), Netrc.authorization(netrc, "localhost"));
        Files.writeString(netrc, "machine a login x password y default password z");
        assertEquals(Optional.of("Basic Ono="), Netrc.authorization(netrc, "b"));
    }
}
