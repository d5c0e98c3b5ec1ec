package dev.narthex.client.nix;

import static dev.narthex.client.support.NixPushClient.assertRefused;
import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.RawResponse;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.SmallNar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Realisations of content-addressed derivations: the older format by real nix, the newer one as bytes. */
class RealisationsIT {
    private static final String CACHE = "realisations";
    private static final SharedServer SHARED = SharedServer.instance();
    private static final NixPushClient PUSH = new NixPushClient(SHARED.server, CACHE);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DRV = "0".repeat(32) + "-lantern-1.0.drv";
    private static final String NEWER = "build-trace-v2/" + DRV + "/out.doi";
    private static final String ID = "sha256:" + "ab".repeat(32) + "!out";
    private static final String OLDER = "realisations/" + ID + ".doi";

    @TempDir
    Path scratch;

    @BeforeAll
    static void cache() throws IOException, SQLException {
        try (var rows = new ServerDatabase(SHARED.server)) {
            rows.cache(CACHE, true);
        }
    }

    @Test
    void nixDoesNotBuildIfTheCacheHasTheRealisation() throws IOException {
        var nix = CORPUS.nix(scratch);
        var key = scratch.resolve("builder.sec");
        Files.writeString(
                key,
                nix.run("nix", "key", "generate-secret", "--key-name", "builder-1")
                        .succeeded()
                        .out());
        var open = nix.run("sh", "-c", "nix key convert-secret-to-public < " + key)
                .succeeded()
                .out();
        var file = floating();
        var secret = List.of("--option", "secret-key-files", key.toString());
        nix.run(with(List.of("nix", "build", "--no-link", "--store", store("one"), "-f", file, "two"), secret))
                .succeeded();
        var copy = List.of(
                "nix",
                "copy",
                "--from",
                store("one"),
                "--to",
                SHARED.cache().toString(),
                "-f",
                file,
                "two",
                "--option",
                "netrc-file",
                SHARED.netrc.toString());
        nix.run(copy).succeeded();
        nix.run(copy).succeeded();
        var fetch = List.of(
                "nix",
                "build",
                "--no-link",
                "--print-out-paths",
                "--store",
                store("two"),
                "-f",
                file,
                "two",
                "--max-jobs",
                "0",
                "--option",
                "substituters",
                SHARED.cache().toString(),
                "--option",
                "trusted-public-keys",
                open.strip());
        var got = nix.run(fetch).succeeded().out().strip();
        var one = Files.readSymbolicLink(Path.of(store("two") + got + "/two"));
        assertEquals("one\n", Files.readString(Path.of(store("two") + one)));
    }

    /** Derivations that were not built before. */
    private String floating() throws IOException {
        var text = Files.readString(Path.of("src/test/corpus/nix/floating.nix"));
        var file = scratch.resolve("floating.nix");
        Files.writeString(file, text.replace("echo one", ": " + scratch.getFileName() + "; echo one"));
        return file.toString();
    }

    private String store(String name) {
        return scratch.resolve(name).toString();
    }

    private static List<String> with(List<String> command, List<String> more) {
        var all = new ArrayList<>(command);
        all.addAll(more);
        return all;
    }

    @Test
    void repeatedRealisationAddsItsSignatures() throws Exception {
        var path = publish("lantern-1.0");
        assertRefused(put(NEWER, newer(SmallNar.path("absent-1.0"), "a")), 400, "a path that is not here");
        assertEquals(201, put(NEWER, newer(path, "a")).statusCode());
        assertEquals(200, put(NEWER, newer(path, "a")).statusCode());
        assertEquals(200, put(NEWER, newer(path, "b")).statusCode());
        var got = get(NEWER);
        assertEquals(base(path), got.path("outPath").asText());
        assertEquals(List.of("a", "b"), got.path("signatures").findValuesAsText("keyName"));
        assertRefused(put(NEWER, newer(publish("lantern-1.1"), "a")), 409, "another path");
        assertEquals(got, get(NEWER));
    }

    @Test
    void olderFormatKeepsDependentRealisations() throws Exception {
        var path = publish("lantern-2.0");
        var alone = older(path, "{}", "a");
        var full = older(path, "{\"" + ID.replace("!out", "!dev") + "\":\"" + base(path) + "\"}", "b");
        assertEquals(
                201, put(OLDER.replace("!", "%21").replace(":", "%3A"), alone).statusCode());
        assertEquals(200, put(OLDER, full).statusCode());
        assertEquals(200, put(OLDER, alone).statusCode());
        assertEquals(JSON.readTree(full), get(OLDER));
        var head = RawResponse.get(SHARED.server, "HEAD", "/" + CACHE + "/" + OLDER);
        assertEquals(200, head.status());
        assertEquals("", head.body());
    }

    static Stream<String> wrong() {
        return Stream.of(
                "",
                "[]",
                "{",
                "{}{}",
                "null",
                "{\"outPath\":5}",
                "{\"outPath\":\"x\"}",
                "[".repeat(60_000),
                "{\"outPath\":\"PATH\",\"signatures\":\"x\"}",
                "{\"outPath\":\"PATH\",\"signatures\":[\"x\"]}",
                "{\"outPath\":\"PATH\",\"signatures\":[{\"keyName\":\"a\"}]}",
                "{\"outPath\":\"PATH\",\"dependentRealisations\":[]}",
                "{\"outPath\":\"PATH\",\"dependentRealisations\":{\"x\":\"PATH\"}}",
                "{\"outPath\":\"PATH\",\"x\":" + "9".repeat(5000) + "}");
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void invalidRealisationIsRefused(String json) throws Exception {
        var address = NEWER.replace("lantern", "wrong");
        assertRefused(put(address, json.replace("PATH", base(publish("lantern-3.0")))), 400, json);
        assertEquals(
                404,
                RawResponse.get(SHARED.server, "GET", "/" + CACHE + "/" + address)
                        .status());
    }

    @Test
    void mismatchedUrlsAndIdsAreRefused() throws Exception {
        var path = publish("lantern-4.0");
        for (var address : List.of(
                "realisations/x.doi",
                "realisations/sha256:abc!out.doi",
                "realisations/" + ID.replace("ab", "cd") + ".doi",
                "realisations/" + ID.replace("out", "o%20t") + ".doi",
                "build-trace-v2/x/out.doi",
                "build-trace-v2/" + base(path) + "/out.doi",
                "build-trace-v2/" + DRV + "/o%00.doi")) {
            assertRefused(put(address, older(path, "{}", "a")), 400, address);
        }
        assertRefused(put(NEWER, "{\"x\":\"" + "y".repeat(70_000) + "\"}"), 413, "a large one");
    }

    @Test
    void textThatJsonbRejectsIsNoServerError() throws Exception {
        var path = publish("lantern-5.0");
        var address = NEWER.replace("lantern", "odd");
        assertEquals(
                201,
                put(address, newer(path, "a").replace("{\"outPath", "{\"x\":\"a\\u0000\\ud800\",\"outPath"))
                        .statusCode());
        assertEquals(base(path), get(address).path("outPath").asText());
    }

    private static String publish(String name) throws Exception {
        var path = SmallNar.path(name);
        PUSH.publish(SmallNar.of(Map.of("name", name)), path);
        return path;
    }

    private static String base(String path) {
        return path.substring("/nix/store/".length());
    }

    private static String newer(String path, String key) {
        return "{\"outPath\":\"%s\",\"signatures\":[{\"keyName\":\"%s\",\"sig\":\"%s\"}]}"
                .formatted(base(path), key, signature(key));
    }

    private static String older(String path, String dependents, String key) {
        return "{\"dependentRealisations\":%s,\"id\":\"%s\",\"outPath\":\"%s\",\"signatures\":[\"%s:%s\"]}"
                .formatted(dependents, ID, base(path), key, signature(key));
    }

    private static String signature(String key) {
        return Base64.getEncoder().encodeToString(key.repeat(64).getBytes(StandardCharsets.UTF_8));
    }

    private static java.net.http.HttpResponse<String> put(String address, String json) throws Exception {
        return PUSH.put(address, json.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode get(String address) throws IOException {
        var got = RawResponse.get(SHARED.server, "GET", "/" + CACHE + "/" + address);
        assertEquals(200, got.status());
        assertTrue(got.header("content-type").startsWith("application/json"));
        return JSON.readTree(got.body());
    }
}
