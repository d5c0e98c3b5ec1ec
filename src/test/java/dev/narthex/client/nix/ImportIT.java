package dev.narthex.client.nix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.NginxServer;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.Server;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.util.HashSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code deploy/run import} of a binary cache that nix wrote into a folder and nginx serves, and of invalid sources. */
class ImportIT extends ImportSetup {

    /** Closed by the test itself. */
    private Server serverOfOwn(String... options) throws IOException, InterruptedException {
        data = Server.folder();
        server = Server.start(data, options);
        cache = "main";
        return server;
    }

    @Test
    void listedPathsAreImportedOnceWithTheirSignatures() throws Exception {
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
    void pathIsImportedWithItsClosureOnly() throws Exception {
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

    /** Rate limit of nginx: all NARs, one after another, take about this long, regardless of the size of the test store. */
    private String inSomeSeconds() throws IOException {
        try (var nars = Files.list(built.resolve("cache/nar"))) {
            long bytes = 0;
            for (var nar : nars.toList()) {
                bytes += Files.size(nar);
            }
            return Math.max(200, bytes / 1024 / 15) + "k";
        }
    }

    /** A job of a killed process is started again half a minute later. */
    @Test
    @Tag("long")
    void importContinuesAfterAKillWithoutFetchingAgain() throws Exception {
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

    /** Sends a request to the API with a ticket such as deploy/run import creates. */
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
}
