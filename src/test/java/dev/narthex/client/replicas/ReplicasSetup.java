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
    /** Of an npm package, and of a project of PyPI: each is one path. */
    static final Item TARBALL = item("ms", "2.1.3", "source");

    static final Item WHEEL = item("six", "1.17.0", "package");

    static final Duration SOON = Duration.ofSeconds(1);
    static final String PACKUMENT = "/registry/main/npm/ms";
    static final String PROJECT = "/registry/main/pypi/simple/six/";

    @TempDir
    static Path scratch;

    static OpenIdServer provider;
    static ReplicaFixture replicas;

    static Item item(String name, String version, String kind) {
        return CORPUS.items().stream()
                .filter(i -> i.packageName().equals(name)
                        && i.version().equals(version)
                        && i.kind().equals(kind)
                        && (i.output().equals("dist") || i.ecosystem().equals("npm")))
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
                "the registries have them",
                () -> get(replicas.at(0), PACKUMENT).statusCode() == 200
                        && get(replicas.at(0), PROJECT).statusCode() == 200);
    }

    @AfterAll
    static void stop() throws Exception {
        replicas.close();
        provider.close();
    }

    /** By real nix. */
    static void push(Server server, String cache, Item... items) throws Exception {
        var home = Files.createTempDirectory("narthex-push");
        try {
            var token = Files.readString(server.data().resolve("admin-token")).strip();
            var netrc =
                    Files.writeString(home.resolve("netrc"), "machine 127.0.0.1 login token password " + token + "\n");
            var paths = Arrays.stream(items).map(Item::path).toList();
            CORPUS.push(CORPUS.nix(home), netrc, server.uri("/" + cache) + "?compression=zstd", paths)
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
     * Asks until it is so.
     *
     * @return how many milliseconds after the change somebody was still told what was before; 0 if nobody was
     */
    static long soon(String what, Duration limit, long since, Callable<Boolean> condition) throws Exception {
        long asked = System.nanoTime();
        long stale = since;
        while (!condition.call()) {
            assertTrue(asked - since < limit.toNanos(), "not within " + limit + ": " + what);
            stale = asked;
            asked = System.nanoTime();
        }
        return TimeUnit.NANOSECONDS.toMillis(stale - since);
    }

    static String told(String what, long millis) {
        return "replicas: the last answer without %s was given %d ms after it%n".formatted(what, millis);
    }

    /** Readers of these at every server, so many that answers come from memory wherever they may, until it is closed. */
    static final class Readers implements AutoCloseable {
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        final AtomicBoolean over = new AtomicBoolean();

        Readers(List<String> addresses) throws Exception {
            var warm = new CountDownLatch(replicas.count());
            for (var server : replicas.all()) {
                threads.submit(() -> {
                    for (int i = 0; !over.get(); i++) {
                        for (var address : addresses) {
                            get(server, address);
                        }
                        if (i == 10) {
                            warm.countDown();
                        }
                    }
                    return true;
                });
            }
            assertTrue(warm.await(1, TimeUnit.MINUTES));
        }

        @Override
        public void close() {
            over.set(true);
            threads.close();
        }
    }

    static String body(Server server, String address) {
        try {
            return get(server, address).body();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static void cache(String name, boolean open) throws Exception {
        var server = replicas.front();
        var made = send(
                server.authorized("/_api/v1/caches")
                        .POST(BodyPublishers.ofString("{\"name\":\"" + name + "\",\"public\":" + open + "}")),
                server);
        assertEquals(201, made.statusCode(), made.body());
    }

    static void open(Server server, boolean open) throws Exception {
        var request = server.authorized("/_api/v1/caches/harbour")
                .method("PATCH", BodyPublishers.ofString("{\"public\":" + open + "}"));
        assertEquals(200, send(request, server).statusCode());
    }
}
