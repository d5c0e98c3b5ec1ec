package dev.narthex.client.nix;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.NginxServer;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SmallNar;
import dev.narthex.nix.NarInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/run import} of a binary cache that nix wrote into a folder and nginx serves, and of sources that are none. */
class ImportIT {
    private static final Path RUN = Path.of("deploy/run").toAbsolutePath();
    private static final ObjectMapper JSON = new ObjectMapper();

    /** nix's own form of the test store, signed by its builder. */
    @TempDir
    static Path built;

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private static String builderKey = "";
    /** Each test has its own cache. */
    private static Server shared;

    private static Path sharedData;

    @TempDir
    Path scratch;

    private Path data;
    private Server server;
    private String cache;

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        sharedData = Server.folder();
        // a source that hangs, or is down, is given up soon
        shared = Server.start(
                sharedData, Server.SHORT_LIVED, "-Dnarthex.import.stalled-after=3s", "-Dnarthex.import.attempts=2");
        var nix = CORPUS.nix(built);
        var key = built.resolve("builder.sec");
        Files.writeString(
                key,
                nix.run("nix", "key", "generate-secret", "--key-name", "builder-1")
                        .succeeded()
                        .out());
        builderKey = nix.run("sh", "-c", "nix key convert-secret-to-public < " + key)
                .succeeded()
                .out()
                .strip();
        var copy = new ArrayList<>(List.of(
                "nix",
                "copy",
                "--from",
                CORPUS.store(),
                "--to",
                "file://" + built.resolve("cache") + "?compression=zstd&secret-key=" + key));
        CORPUS.items().forEach(item -> copy.add(item.path()));
        nix.run(copy).succeeded();
    }

    @AfterAll
    static void endShared() throws IOException {
        shared.close();
        DataFolders.delete(sharedData);
    }

    @BeforeEach
    void emptyCache() throws Exception {
        data = sharedData;
        server = shared;
        cache = "import-" + NUMBERS.incrementAndGet();
        var answer = server.http.send(
                server.authorized("/_api/v1/caches")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"name\":\"" + cache + "\",\"public\":true}"))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(201, answer.statusCode(), answer.body());
    }

    /** Whose test ends it. */
    private Server serverOfOwn(String... options) throws IOException, InterruptedException {
        data = Server.folder();
        server = Server.start(data, options);
        cache = "main";
        return server;
    }

    @AfterEach
    void end() throws IOException {
        if (server != shared) {
            server.close();
            DataFolders.delete(data);
        }
    }

    @Test
    void everythingThatNginxListsComesWithItsSignaturesAndOnlyOnce() throws Exception {
        try (var nginx = NginxServer.serve(built.resolve("cache"), scratch.resolve("nginx"), "0")) {
            var done = run(nginx.url(), "--all").succeeded();
            var all = infos(built.resolve("cache"));
            assertTrue(done.out().contains("done: " + all.size() + " fetched"), done.out());
            assertEquals(all.size(), nginx.nars().size());
            for (var info : all) {
                var here = narInfo(info);
                assertEquals(info.narHash(), here.narHash());
                assertEquals(info.narHash(), NarClient.download(server, cache, here));
                assertTrue(here.sigs().containsAll(info.sigs()), here.text());
            }
            var again =
                    run(nginx.url() + "/", "--all", "--trusted-key", builderKey).succeeded();
            assertTrue(again.out().contains("done: 0 fetched (0.0 MiB), " + all.size() + " were here"), again.out());
            assertEquals(all.size(), nginx.nars().size());
        }
    }

    @Test
    void aPathComesWithAllThatItRefersToAndNothingElse() throws Exception {
        var source = built.resolve("cache");
        var root = infos(source).stream()
                .max((a, b) -> a.references().size() - b.references().size())
                .orElseThrow();
        var closure = new HashSet<String>();
        add(source, root.path().hash(), closure);
        var list = scratch.resolve("paths");
        Files.writeString(list, root.path() + "\n\n" + root.path().baseName() + "  \n");
        try (var nginx = NginxServer.serve(source, scratch.resolve("nginx"), "0")) {
            var done = run(nginx.url(), "--paths", list.toString(), root.path().hash())
                    .succeeded();
            assertTrue(done.out().contains("done: " + closure.size() + " fetched"), done.out());
        }
        for (var info : infos(source)) {
            assertEquals(
                    closure.contains(info.path().hash()) ? 200 : 404,
                    status(info),
                    info.path().toString());
        }
    }

    /** As nginx writes it: all NARs, one after another, take about that long, however large the test store is. */
    private String inSomeSeconds() throws IOException {
        try (var nars = Files.list(built.resolve("cache/nar"))) {
            long bytes = 0;
            for (var nar : nars.toList()) {
                bytes += Files.size(nar);
            }
            return Math.max(200, bytes / 1024 / 15) + "k";
        }
    }

    /** A job of a process that was killed begins again half a minute later. */
    @Test
    @Tag("long")
    void aServerThatIsKilledGoesOnAndFetchesNothingTwice() throws Exception {
        var slow = "-Dnarthex.import.connections=1";
        serverOfOwn(slow);
        var all = infos(built.resolve("cache"));
        try (var nginx = NginxServer.serve(built.resolve("cache"), scratch.resolve("nginx"), inSomeSeconds())) {
            var id = begin(nginx.url()).path("id").asLong();
            Poll.until("some are fetched", () -> status(id).path("fetched").asInt() >= 3);
            server.kill();
            int before = nginx.nars().size();
            assertTrue(before < all.size(), "killed too late");
            server = Server.start(data, slow);
            Poll.until(
                    "the import ends", () -> !status(id).path("state").asText().equals("running"));
            var end = status(id);
            assertEquals("done", end.path("state").asText());
            assertEquals(
                    all.size(), end.path("fetched").asInt() + end.path("here").asInt(), end.toString());
            assertTrue(nginx.nars().size() <= all.size() + 1, nginx.nars().toString());
        }
        for (var info : all) {
            assertEquals(info.narHash(), NarClient.download(server, cache, narInfo(info)));
        }
    }

    @Test
    void damagedAndMissingPathsAreListedAndTheRestImported() throws Exception {
        var source = scratch.resolve("cache");
        copy(built.resolve("cache"), source);
        var all = infos(source);
        var referred = all.stream()
                .filter(i -> all.stream()
                        .anyMatch(
                                o -> o != i && o.references().contains(i.path().baseName())))
                .toList();
        var damaged = referred.get(0);
        var missing = referred.stream()
                .filter(i -> !i.narHash().equals(damaged.narHash()))
                .findFirst()
                .orElseThrow();
        var other = all.stream()
                .filter(i -> i != damaged && i.narSize() != damaged.narSize())
                .findFirst()
                .orElseThrow();
        Files.copy(source.resolve(other.url()), source.resolve(damaged.url()), StandardCopyOption.REPLACE_EXISTING);
        Files.delete(source.resolve(missing.path().hash() + ".narinfo"));
        try (var nginx = NginxServer.serve(source, scratch.resolve("nginx"), "0")) {
            var end = run(
                            nginx.url(),
                            with(all.stream().map(i -> i.path().toString()).toList()))
                    .failed();
            assertTrue(end.out().contains("1 missing, 1 failed"), end.out());
            assertTrue(end.out().contains("failed " + damaged.path().baseName() + ": "), end.out());
            assertTrue(end.out().contains("missing " + missing.path().hash() + ": "), end.out());
            for (var info : all) {
                assertEquals(
                        info == damaged || info == missing ? 404 : 200,
                        status(info),
                        info.path().toString());
            }
            Files.copy(
                    built.resolve("cache").resolve(damaged.url()),
                    source.resolve(damaged.url()),
                    StandardCopyOption.REPLACE_EXISTING);
            Files.writeString(source.resolve(missing.path().hash() + ".narinfo"), missing.text());
            run(nginx.url(), "--all").succeeded();
        }
    }

    @Test
    void pathsWithoutATrustedSignatureAreRefused() throws Exception {
        var stranger = CORPUS.nix(scratch)
                .run("sh", "-c", "nix key generate-secret --key-name stranger-1 | nix key convert-secret-to-public")
                .succeeded()
                .out()
                .strip();
        try (var nginx = NginxServer.serve(built.resolve("cache"), scratch.resolve("nginx"), "0")) {
            var end = run(nginx.url(), "--all", "--trusted-key", stranger).failed();
            assertTrue(end.out().contains("is not signed by a trusted key"), end.out());
            for (var info : infos(built.resolve("cache"))) {
                assertEquals(info.ca().isPresent() ? 200 : 404, status(info), info.text());
            }
        }
    }

    @Test
    void aSourceThatHangsIsGivenUp() throws Exception {
        var nar = SmallNar.of(Map.of("file", "x".repeat(5000)));
        var path = SmallNar.path("hanging-1.0");
        var over = new CountDownLatch(1);
        var source = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            source.setExecutor(threads);
            source.createContext("/nix-cache-info", exchange -> send(exchange, "StoreDir: /nix/store\n"));
            source.createContext(
                    "/" + SmallNar.hashPart(path), exchange -> send(exchange, SmallNar.text(nar.narInfo(path))));
            source.createContext("/nar/", exchange -> {
                exchange.sendResponseHeaders(200, nar.bytes().length);
                exchange.getResponseBody().write(nar.bytes(), 0, 1000);
                exchange.getResponseBody().flush();
                await(over);
            });
            source.start();
            var url = "http://127.0.0.1:" + source.getAddress().getPort();
            var end = run(url, path).failed();
            assertTrue(
                    end.out()
                            .contains("failed " + path.substring("/nix/store/".length())
                                    + ": the source does not answer"),
                    end.out());
            over.countDown();
            source.stop(0);
        }
    }

    @Test
    void aSourceThatIsDownStopsTheImportAndTheSameCommandGoesOn() throws Exception {
        var down = new AtomicBoolean(true);
        var source = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        source.createContext("/nix-cache-info", exchange -> send(exchange, "StoreDir: /nix/store\n"));
        var paths = new ArrayList<String>();
        for (int i = 0; i < 60; i++) {
            var nar = SmallNar.of(Map.of("file", "number " + i));
            var path = SmallNar.path("down-" + i);
            paths.add(path);
            source.createContext(
                    "/" + SmallNar.hashPart(path), exchange -> send(exchange, SmallNar.text(nar.narInfo(path))));
            source.createContext("/nar/" + SmallNar.fileName(nar.bytes()), exchange -> {
                if (down.get()) {
                    exchange.sendResponseHeaders(503, -1);
                    exchange.close();
                } else {
                    exchange.sendResponseHeaders(200, nar.bytes().length);
                    exchange.getResponseBody().write(nar.bytes());
                    exchange.close();
                }
            });
        }
        source.start();
        try {
            var url = "http://127.0.0.1:" + source.getAddress().getPort();
            var stopped = run(url, with(paths)).failed();
            assertTrue(
                    stopped.out().startsWith("narthex: importing")
                            && stopped.out().contains("stopped: 0 fetched"),
                    stopped.out());
            assertTrue(stopped.out().contains("The source does not answer"), stopped.out());
            down.set(false);
            var done = run(url, with(paths)).succeeded();
            assertTrue(done.out().contains("done: 60 fetched"), done.out());
        } finally {
            source.stop(0);
        }
    }

    private static void send(HttpExchange exchange, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void ordersThatCannotBeCarriedOutAreRefusedAtOnce() throws Exception {
        try (var nginx = NginxServer.serve(scratch, scratch.resolve("nginx"), "0")) {
            var url = nginx.url();
            refused("{\"source\":\"" + url + "\",\"all\":true}", "private network");
            refused("{\"source\":\"http://localhost:1\",\"all\":true}", "private network");
            refused("{\"source\":\"" + url + "\"}", "paths");
            refused("{\"source\":\"" + url + "\",\"paths\":[\"x\"]}", "store path");
            refused("{\"source\":\"" + url + "\",\"all\":true,\"trustedKeys\":[\"x\"]}", "trustedKeys");
            refused("{\"source\":\"ftp://x\",\"all\":true}", "source");
            refused("{}", "source");
            refused("[]", "order");
            refused("", "order");
            refused("{\"source\":\"" + url + "\",\"all\":true,\"ticket\":\"../../etc/passwd\"}", "private network");
            var none = run(url, "--all").failed();
            assertTrue(none.err().contains("has no nix-cache-info"), none.err());
            Files.writeString(scratch.resolve("nix-cache-info"), "StoreDir: /nix/store\n");
            var empty = run(url, "--all").failed();
            assertTrue(empty.out().contains("stopped: 0 fetched"), empty.out());
            assertTrue(empty.out().contains("lists no store paths"), empty.out());
        }
        var anonymous = server.request("/_api/v1/" + cache + "/import").POST(BodyPublishers.ofString("{}"));
        assertEquals(
                401,
                server.http.send(anonymous.build(), BodyHandlers.ofString()).statusCode());
        assertEquals(2, new ProgramRunner(scratch).run(RUN.toString(), "import").status());
        assertEquals(
                2,
                new ProgramRunner(scratch)
                        .run(RUN.toString(), "import", "http://x", "--cache", "main", "a\"b")
                        .status());
        assertTrue(new ProgramRunner(scratch)
                .run(RUN.toString(), "import", "--help")
                .succeeded()
                .out()
                .contains("--trusted-key"));
    }

    private void refused(String order, String words) throws Exception {
        HttpResponse<String> answer = server.http.send(
                server.authorized("/_api/v1/" + cache + "/import")
                        .POST(BodyPublishers.ofString(order))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(400, answer.statusCode(), () -> order + answer.body());
        assertTrue(answer.body().contains(words), answer::body);
        assertFalse(answer.body().contains("dev.narthex"), answer::body);
    }

    private ProgramRunner.Result run(String url, String... options) {
        var command = new ArrayList<>(List.of(
                RUN.toString(),
                "import",
                url,
                "--cache",
                cache,
                "--data",
                data.toString(),
                "--port",
                Integer.toString(server.port())));
        command.addAll(List.of(options));
        return new ProgramRunner(scratch).run(command);
    }

    private static String[] with(List<String> paths) {
        return paths.toArray(String[]::new);
    }

    /** By the interface, with a ticket such as deploy/run import makes. */
    private JsonNode begin(String url) throws Exception {
        var ticket = "0".repeat(32);
        Files.createDirectories(data.resolve("import-tickets"));
        Files.createFile(data.resolve("import-tickets").resolve(ticket));
        var order = "{\"source\":\"" + url + "\",\"all\":true,\"ticket\":\"" + ticket + "\"}";
        var answer = server.http.send(
                server.authorized("/_api/v1/" + cache + "/import")
                        .POST(BodyPublishers.ofString(order))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    private JsonNode status(long id) throws Exception {
        var answer = server.http.send(
                server.authorized("/_api/v1/" + cache + "/import/" + id).build(), BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    private int status(NarInfo info) throws Exception {
        return server.http
                .send(
                        server.request("/" + cache + "/" + info.path().hash() + ".narinfo")
                                .build(),
                        BodyHandlers.ofString())
                .statusCode();
    }

    private NarInfo narInfo(NarInfo info) throws Exception {
        var answer = server.http.send(
                server.request("/" + cache + "/" + info.path().hash() + ".narinfo")
                        .build(),
                BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), info.path().toString());
        return NarInfo.parse(answer.body());
    }

    private static void add(Path cache, String hash, HashSet<String> closure) throws IOException {
        if (closure.add(hash)) {
            for (var reference : NarInfo.parse(Files.readString(cache.resolve(hash + ".narinfo")))
                    .references()) {
                add(cache, reference.substring(0, 32), closure);
            }
        }
    }

    private static List<NarInfo> infos(Path cache) throws IOException {
        var infos = new ArrayList<NarInfo>();
        try (var files = Files.list(cache)) {
            for (var file : files.filter(f -> f.toString().endsWith(".narinfo"))
                    .sorted()
                    .toList()) {
                infos.add(NarInfo.parse(Files.readString(file)));
            }
        }
        return infos;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
