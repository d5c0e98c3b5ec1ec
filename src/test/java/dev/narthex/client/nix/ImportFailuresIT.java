package dev.narthex.client.nix;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.narthex.client.support.NginxServer;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.SmallNar;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Imports whose source hangs, stops or has damaged paths. */
class ImportFailuresIT extends ImportSetup {

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
    void hangingSourceTimesOut() throws Exception {
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
    void unavailableSourceStopsTheImportUntilItIsRepeated() throws Exception {
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

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void invalidImportRequestsAreRefused() throws Exception {
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
}
