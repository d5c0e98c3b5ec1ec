package dev.narthex.client.ops;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.Corpus.Item;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pushed package appears within seconds on its page and in the responses to npm and pip. */
class FreshnessIT {
    private static final String ID = "x-request-id";

    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(2);

    @TempDir
    Path scratch;

    @Test
    void pushedPathIsServedWithinTwoSeconds() throws Exception {
        var data = Server.folder();
        try (var server = Server.start(data, Server.SHORT_LIVED)) {
            var tarball = first("npm", "out", "source");
            var wheel = first("pypi", "dist", "package");
            var addresses = List.of(
                    "/main/path/" + tarball.hash(),
                    "/main/npm/" + tarball.packageName(),
                    "/registry/main/npm/" + tarball.packageName(),
                    "/main/pypi/" + wheel.packageName(),
                    "/registry/main/pypi/simple/" + wheel.packageName() + "/");
            for (var address : addresses) {
                assertTrue(status(server, address) != 200, address + " is there before the push");
            }
            push(server, data, tarball, wheel);
            long pushed = System.nanoTime();
            for (var address : addresses) {
                while (status(server, address) != 200) {
                    assertTrue(System.nanoTime() - pushed < LIMIT_NANOS, address + " is not there after two seconds");
                    TimeUnit.MILLISECONDS.sleep(20);
                }
            }
            answersAreTheSameFromMemory(
                    server, "/registry/main/npm/" + tarball.packageName(), "application/vnd.npm.install-v1+json");
            answersAreTheSameFromMemory(
                    server,
                    "/registry/main/pypi/simple/" + wheel.packageName() + "/",
                    "application/vnd.pypi.simple.v1+json");
        } finally {
            DataFolders.delete(data);
        }
    }

    /** Requests with {@code Cache-Control: no-cache} are answered by the endpoint, others may be answered from memory. */
    private static void answersAreTheSameFromMemory(Server server, String address, String type) throws Exception {
        for (var accept : List.of(type, "*/*")) {
            var made = answer(server, address, "Accept", accept, "Sec-Fetch-Mode", "cors");
            for (int i = 0; i < 3; i++) {
                assertEquals(made, answer(server, address, "Accept", accept));
            }
            var etag = made.headers().firstValue("ETag").orElseThrow();
            var unchanged = answer(server, address, "Accept", accept, "If-None-Match", etag);
            assertEquals(304, unchanged.status());
            assertEquals(Optional.empty(), unchanged.headers().firstValue("Content-Type"));
            assertEquals(
                    answer(server, address, "Accept", accept, "If-None-Match", etag, "Sec-Fetch-Mode", "cors"),
                    unchanged);
        }
        eachHasAnIdOfItsOwn(server, address);
        var open = answer(server, address, "Accept", "*/*");
        try (var rows = new ServerDatabase(server)) {
            rows.change("update cache set public = false where name = 'main'");
            assertEquals(401, answer(server, address, "Accept", "*/*").status());
            rows.change("update cache set public = true where name = 'main'");
        }
        assertEquals(open, answer(server, address, "Accept", "*/*"));
    }

    /** Also for cached responses. */
    private static void eachHasAnIdOfItsOwn(Server server, String address) throws Exception {
        var ids = new HashSet<String>();
        for (int i = 0; i < 5; i++) {
            var answer = server.http.send(server.request(address).build(), BodyHandlers.discarding());
            ids.add(answer.headers().firstValue(ID).orElseThrow());
        }
        assertEquals(5, ids.size());
    }

    private record Answer(int status, HttpHeaders headers, NixHash body) {}

    private static Answer answer(Server server, String address, String... headers) throws Exception {
        var request = server.request(address).header("Accept-Encoding", "gzip").headers(headers);
        var answer = server.http.send(request.build(), BodyHandlers.ofByteArray());
        var alike = HttpHeaders.of(answer.headers().map(), (name, value) -> !name.equals(ID));
        return new Answer(answer.statusCode(), alike, NixHash.sha256(answer.body()));
    }

    private static Item first(String ecosystem, String output, String kind) {
        return CORPUS.items().stream()
                .filter(i -> i.ecosystem().equals(ecosystem)
                        && i.output().equals(output)
                        && i.kind().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    private void push(Server server, Path data, Item... items) throws IOException {
        var netrc = scratch.resolve("netrc");
        var token = Files.readString(data.resolve("admin-token")).strip();
        Files.writeString(netrc, "machine 127.0.0.1 login token password " + token + "\n");
        var command = new java.util.ArrayList<>(List.of(
                "nix",
                "copy",
                "--option",
                "netrc-file",
                netrc.toString(),
                "--from",
                CORPUS.store(),
                "--to",
                server.uri("/main?compression=zstd").toString()));
        for (var item : items) {
            command.add(item.path());
        }
        CORPUS.nix(scratch).run(command).succeeded();
    }

    private static int status(Server server, String address) throws IOException, InterruptedException {
        return server.http
                .send(server.request(address).build(), BodyHandlers.discarding())
                .statusCode();
    }
}
