package dev.narthex.client.nix;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.client.support.Corpus.Item;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.SmallNar;
import dev.narthex.nix.NixHash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests of attic's client, which no package registry offers, with NARs of the test store. */
class AtticIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CACHE = "attic";
    private static final String ABSENT = "0".repeat(32);

    private final SharedServer shared = SharedServer.instance();
    private final Server server = shared.server;

    @TempDir
    Path scratch;

    @BeforeEach
    void aCache() throws Exception {
        try (var rows = new ServerDatabase(server)) {
            rows.cache(CACHE, true);
        }
    }

    @Test
    void useFindsEndpointsAndKey() throws Exception {
        var config = JSON.readTree(get("/_api/v1/cache-config/main").body());
        assertEquals(
                server.uri("/main").toString(),
                config.path("substituter_endpoint").asText());
        assertEquals(server.uri("/").toString(), config.path("api_endpoint").asText());
        assertTrue(config.path("public_key").asText().startsWith("main:"));
        assertTrue(config.path("is_public").asBoolean());
        assertEquals("/nix/store", config.path("store_dir").asText());
        assertEquals("Global", config.path("retention_period").asText());
        assertEquals(config, JSON.readTree(get("/main/attic-cache-info").body()));
    }

    @Test
    void closurePushedInAnyOrderIsSubstituted() throws Exception {
        var closure = closureOfUsesText();
        var hashes = new ArrayList<>(closure.stream().map(AtticIT::hash).toList());
        hashes.add(ABSENT);
        assertEquals(hashes, missing(hashes));
        // referrers first
        Collections.reverse(closure);
        for (var path : closure) {
            assertEquals("Uploaded", kind(upload(info(path), nar(path), path.hashCode() % 2 == 0)));
        }
        for (var path : closure) {
            assertEquals("Deduplicated", kind(upload(info(path), nar(path), true)));
        }
        assertEquals(List.of(ABSENT), missing(hashes));
        var fresh = scratch.resolve("fresh").toString();
        CORPUS.nix(scratch)
                .run(List.of(
                        "nix-store",
                        "--store",
                        fresh,
                        "--option",
                        "substituters",
                        server.uri("/" + CACHE).toString(),
                        "--option",
                        "require-sigs",
                        "false",
                        "--realise",
                        closure.getFirst()))
                .succeeded();
        for (var path : closure) {
            CORPUS.nix(scratch)
                    .run(List.of("nix-store", "--store", fresh, "--verify-path", path))
                    .succeeded();
        }
    }

    @Test
    void pathWithMissingReferencesHasAPage() throws Exception {
        var path = text().path();
        var nar = SmallNar.of(Map.of("a", "refers"));
        var info = info(path);
        var other = "/nix/store/" + "1".repeat(32) + "-refers-1.0";
        info.put("store_path", other).put("store_path_hash", "1".repeat(32));
        info.putArray("references").add("2".repeat(32) + "-left-out-1.0");
        described(info, nar.bytes());
        assertEquals("Uploaded", kind(upload(info, nar.bytes(), false)));
        var page = get("/" + CACHE + "/path/" + "1".repeat(32));
        assertEquals(200, page.statusCode());
        assertTrue(page.body().contains("left-out-1.0"), page.body());
        assertEquals(
                200, get("/" + CACHE + "/path/" + "1".repeat(32) + "/closure").statusCode());
    }

    @Test
    void invalidUploadsAreRefusedAndLeaveNothing() throws Exception {
        var nar = SmallNar.of(Map.of("a", "wrong")).bytes();
        var longer = Arrays.copyOf(nar, nar.length + 1);
        var shorter = Arrays.copyOf(nar, nar.length - 8);
        refused(400, nar, info -> info.put("nar_hash", NixHash.sha256(longer).hex()));
        refused(
                400,
                nar,
                info -> info.put("nar_hash", "sha256:" + NixHash.sha256(longer).hex()));
        refused(400, nar, info -> info.put("nar_size", nar.length + 1));
        refused(400, nar, info -> info.put("nar_size", -1));
        refused(413, nar, info -> info.put("nar_size", Long.MAX_VALUE));
        refused(400, longer, info -> {});
        refused(400, shorter, info -> {});
        refused(400, "no NAR".getBytes(StandardCharsets.UTF_8), info -> {});
        refused(400, nar, info -> info.put("store_path_hash", ABSENT));
        refused(400, nar, info -> info.put("store_path", "/nix/store/../x"));
        refused(400, nar, info -> info.remove("store_path"));
        refused(400, nar, info -> info.putArray("references").add("/nix/store/x"));
        refused(400, nar, info -> info.put("references", "none"));
        refused(400, nar, info -> info.putArray("references").addNull());
        refused(
                400,
                nar,
                info -> info.put("ca", "fixed:r:sha256:" + NixHash.sha256(nar).nix32()));
        refused(400, nar, info -> info.putArray("sigs").add("no signature"));
        refused(404, nar, info -> info.put("cache", "no-such-cache"));
        refused(400, nar, info -> info.remove("cache"));
        for (var preamble : List.of("x", "-1", "9999999", "1048577", "500000")) {
            var request = server.authorized("/_api/v1/upload-path").header("X-Attic-Nar-Info-Preamble-Size", preamble);
            var answer = server.http.send(
                    request.PUT(BodyPublishers.ofByteArray(nar)).build(), BodyHandlers.ofString());
            assertError(400, answer);
        }
        assertError(
                400,
                server.http.send(
                        server.authorized("/_api/v1/upload-path")
                                .PUT(BodyPublishers.ofByteArray(nar))
                                .build(),
                        BodyHandlers.ofString()));
        for (var body : List.of(
                "",
                "[]",
                "null",
                "{",
                "{\"cache\":\"attic\"}",
                "{\"cache\":\"attic\",\"store_path_hashes\":[null]}",
                "{\"cache\":\"attic\",\"store_path_hashes\":[\"x\"]}",
                "{\"cache\":3,\"store_path_hashes\":{}}")) {
            assertError(400, post(body));
        }
    }

    @Test
    void anonymousRequestsRevealNothing() throws Exception {
        for (var cache : List.of(CACHE, "no-such-cache")) {
            var body = JSON.createObjectNode().put("cache", cache);
            body.putArray("store_path_hashes").add(ABSENT);
            var request = server.request("/_api/v1/get-missing-paths").POST(BodyPublishers.ofString(body.toString()));
            assertError(401, server.http.send(request.build(), BodyHandlers.ofString()));
        }
        assertError(401, get("/_api/v1/cache-config/no-such-cache"));
    }

    private void refused(int status, byte[] body, Consumer<ObjectNode> change) throws Exception {
        var info = JSON.createObjectNode()
                .put("cache", CACHE)
                .put("store_path_hash", "3".repeat(32))
                .put("store_path", "/nix/store/" + "3".repeat(32) + "-wrong-1.0")
                .putNull("system")
                .putNull("deriver")
                .putNull("ca");
        info.putArray("references");
        info.putArray("sigs");
        described(info, SmallNar.of(Map.of("a", "wrong")).bytes());
        change.accept(info);
        for (boolean header : List.of(true, false)) {
            assertError(status, upload(info, body, header));
        }
        assertEquals(List.of("3".repeat(32)), missing(List.of("3".repeat(32))));
    }

    private static void described(ObjectNode info, byte[] nar) {
        info.put("nar_hash", "sha256:" + NixHash.sha256(nar).hex()).put("nar_size", nar.length);
    }

    /** attic's client prints error and message of such a body. */
    private static void assertError(int status, HttpResponse<String> answer) throws Exception {
        assertEquals(status, answer.statusCode(), answer.body());
        var error = JSON.readTree(answer.body());
        assertEquals(status, error.path("code").asInt());
        assertFalse(
                error.path("error").asText().isEmpty()
                        || error.path("message").asText().isEmpty(),
                answer.body());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return server.http.send(server.request(path).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String body) throws Exception {
        var request = server.authorized("/_api/v1/get-missing-paths").header("Content-Type", "application/json");
        return server.http.send(request.POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private List<String> missing(List<String> hashes) throws Exception {
        var body = JSON.createObjectNode().put("cache", CACHE);
        hashes.forEach(body.putArray("store_path_hashes")::add);
        var answer = post(body.toString());
        assertEquals(200, answer.statusCode(), answer.body());
        var missing = new ArrayList<String>();
        JSON.readTree(answer.body()).path("missing_paths").forEach(hash -> missing.add(hash.asText()));
        return missing;
    }

    /** Uploads without a Content-Length, like the client, with the metadata in a header or before the body. */
    private HttpResponse<String> upload(JsonNode info, byte[] nar, boolean header) throws Exception {
        var request = server.authorized("/_api/v1/upload-path");
        var said = info.toString().getBytes(StandardCharsets.UTF_8);
        var body = new ByteArrayOutputStream();
        if (header) {
            request.header("X-Attic-Nar-Info", info.toString());
        } else {
            request.header("X-Attic-Nar-Info-Preamble-Size", Integer.toString(said.length));
            body.write(said);
        }
        body.write(nar);
        var bytes = body.toByteArray();
        return server.http.send(
                request.PUT(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)))
                        .build(),
                BodyHandlers.ofString());
    }

    private static String kind(HttpResponse<String> answer) throws Exception {
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body()).path("kind").asText();
    }

    private Item text() {
        return CORPUS.items().stream()
                .filter(item -> item.name().startsWith("uses-text"))
                .findFirst()
                .orElseThrow();
    }

    private List<String> closureOfUsesText() {
        var out = CORPUS.nix(scratch)
                .run(List.of("nix-store", "--store", CORPUS.store(), "-qR", text().path()))
                .succeeded();
        return new ArrayList<>(
                out.out().lines().filter(line -> line.startsWith("/nix/store/")).toList());
    }

    private ObjectNode info(String path) throws Exception {
        var nix = CORPUS.nix(scratch);
        var references = nix.run(List.of("nix-store", "--store", CORPUS.store(), "-q", "--references", path))
                .succeeded();
        var info = JSON.createObjectNode()
                .put("cache", CACHE)
                .put("store_path_hash", hash(path))
                .put("store_path", path)
                .putNull("system")
                .putNull("deriver")
                .putNull("ca");
        var list = info.putArray("references");
        references
                .out()
                .lines()
                .filter(line -> line.startsWith("/nix/store/"))
                .forEach(line -> list.add(line.substring("/nix/store/".length())));
        info.putArray("sigs");
        described(info, nar(path));
        return info;
    }

    private byte[] nar(String path) throws Exception {
        var file = scratch.resolve(hash(path) + ".nar");
        CORPUS.nix(scratch)
                .run(List.of(
                        "sh",
                        "-c",
                        "nix-store --store " + CORPUS.store() + " --dump " + CORPUS.store() + path + " > " + file))
                .succeeded();
        return Files.readAllBytes(file);
    }

    private static String hash(String path) {
        return path.substring("/nix/store/".length(), "/nix/store/".length() + 32);
    }
}
