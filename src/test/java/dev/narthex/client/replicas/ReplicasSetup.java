package dev.narthex.client.replicas;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.Corpus.Item;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.OpenIdServer;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ReplicaFixture;
import dev.narthex.client.support.Server;
import dev.narthex.store.s3.S3Proxy;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Three servers on one database and one bucket, and requests to each of them. */
abstract class ReplicasSetup {
    /** An npm package in one store path. */
    static final Item TARBALL = corpusItem("ms", "2.1.3", "source");

    /** A PyPI project in one store path. */
    static final Item WHEEL = corpusItem("six", "1.17.0", "package");

    static final Duration MAX_DELAY = Duration.ofSeconds(1);
    static final String PACKUMENT = "/registry/main/npm/ms";
    static final String PROJECT = "/registry/main/pypi/simple/six/";

    @TempDir
    static Path scratch;

    static OpenIdServer provider;
    static ReplicaFixture replicas;

    static Item corpusItem(String name, String version, String kind) {
        return CORPUS.items().stream()
                .filter(candidate -> candidate.packageName().equals(name)
                        && candidate.version().equals(version)
                        && candidate.kind().equals(kind)
                        && (candidate.output().equals("dist")
                                || candidate.ecosystem().equals("npm")))
                .findFirst()
                .orElseThrow();
    }

    @BeforeAll
    static void start() throws Exception {
        provider = new OpenIdServer();
        var options = new ArrayList<>(List.of(provider.options()));
        options.add("-Dnarthex.stop.limit=60s");
        replicas = ReplicaFixture.start(3, S3Proxy.running().endpoint(), options.toArray(String[]::new));
        push(replicas.at(0), "main", TARBALL, WHEEL);
        Poll.until(
                "the registries serve the pushed packages",
                () -> get(replicas.at(0), PACKUMENT).statusCode() == 200
                        && get(replicas.at(0), PROJECT).statusCode() == 200);
    }

    @AfterAll
    static void stop() throws Exception {
        replicas.close();
        provider.close();
    }

    /** Pushes with real nix. */
    static void push(Server server, String createCache, Item... items) throws Exception {
        var home = Files.createTempDirectory("narthex-push");
        try {
            var token = Files.readString(server.data().resolve("admin-token")).strip();
            var netrc =
                    Files.writeString(home.resolve("netrc"), "machine 127.0.0.1 login token password " + token + "\n");
            var paths = Arrays.stream(items).map(Item::path).toList();
            CORPUS.push(CORPUS.nix(home), netrc, server.uri("/" + createCache) + "?compression=zstd", paths)
                    .succeeded();
        } finally {
            DataFolders.delete(home);
        }
    }

    static HttpResponse<String> get(Server server, String path, String... headers) throws Exception {
        var request = server.request(path);
        return server.http.send(
                (headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofString());
    }

    static HttpResponse<String> send(HttpRequest.Builder request, Server server) throws Exception {
        return server.http.send(request.build(), BodyHandlers.ofString());
    }

    /**
     * Requests until the condition holds.
     *
     * @return time in milliseconds after the change at which the last outdated response arrived; 0 if there was none
     */
    static long awaitChange(String description, Duration limit, long changeTime, Callable<Boolean> condition)
            throws Exception {
        long requestTime = System.nanoTime();
        long lastStaleRequest = changeTime;
        while (!condition.call()) {
            assertTrue(
                    requestTime - changeTime < limit.toNanos(),
                    "not within " + limit + " after the change: " + description);
            lastStaleRequest = requestTime;
            requestTime = System.nanoTime();
        }
        return TimeUnit.NANOSECONDS.toMillis(lastStaleRequest - changeTime);
    }

    static String delayReport(String description, long millis) {
        return "replicas: last response without %s: %d ms after the change%n".formatted(description, millis);
    }

    /** Reads from every server until it is closed, often enough that servers answer from memory where possible. */
    static final class Readers implements AutoCloseable {
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        final AtomicBoolean stopped = new AtomicBoolean();

        Readers(List<String> addresses) throws Exception {
            var warmUp = new CountDownLatch(replicas.count());
            for (var server : replicas.all()) {
                threads.submit(() -> {
                    for (int i = 0; !stopped.get(); i++) {
                        for (var address : addresses) {
                            get(server, address);
                        }
                        if (i == 10) {
                            warmUp.countDown();
                        }
                    }
                    return true;
                });
            }
            assertTrue(warmUp.await(1, TimeUnit.MINUTES));
        }

        @Override
        public void close() {
            stopped.set(true);
            threads.close();
        }
    }

    static String getBody(Server server, String address) {
        try {
            return get(server, address).body();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static void createCache(String name, boolean isPublic) throws Exception {
        var server = replicas.front();
        var response = send(
                server.authorized("/_api/v1/caches")
                        .POST(BodyPublishers.ofString("{\"name\":\"" + name + "\",\"public\":" + isPublic + "}")),
                server);
        assertEquals(201, response.statusCode(), response.body());
    }

    static void setPublic(Server server, boolean isPublic) throws Exception {
        var request = server.authorized("/_api/v1/caches/harbour")
                .method("PATCH", BodyPublishers.ofString("{\"public\":" + isPublic + "}"));
        assertEquals(200, send(request, server).statusCode());
    }
}
