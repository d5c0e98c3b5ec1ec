package dev.narthex.client.http;

import static dev.narthex.client.support.NixPushClient.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.RawResponse;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.SmallNar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Metadata and build logs that are malformed, too large, or full of terminal codes and markup. */
class HostileSidecarsIT {
    private static final String CACHE = "hostile-sidecars";
    private static final Server SERVER = SharedServer.instance().server;
    private static final NixPushClient PUSH = new NixPushClient(SERVER, CACHE);
    private static final String PATH = SmallNar.path("victim-1.0");

    private ServerDatabase rows;

    @BeforeAll
    static void cache() throws IOException, SQLException {
        try (var rows = new ServerDatabase(SERVER)) {
            rows.cache(CACHE, true);
        }
    }

    @BeforeEach
    void open() throws IOException, SQLException {
        rows = new ServerDatabase(SERVER);
    }

    @AfterEach
    void close() throws SQLException {
        rows.close();
    }

    static Stream<Arguments> metadata() {
        var output = "\"outputs\":{\"out\":\"" + PATH + "\"}";
        var outputs = IntStream.range(0, 100)
                .mapToObj(i -> "\"o" + i + "\":\"" + PATH + "\"")
                .toList();
        return Stream.of(
                arguments("nothing", "", 400),
                arguments("no JSON", "abc", 400),
                arguments("an array", "[]", 400),
                arguments("half an object", "{\"a\":", 400),
                arguments("two objects", "{}{}", 400),
                arguments("a row that is none", "{\"a\":[]}", 400),
                arguments("no store path", "{\"a\":{\"outputs\":{\"out\":\"\\u0000\"}}}", 400),
                arguments("arrays without end", "{\"a\":" + "[".repeat(100_000), 400),
                arguments("objects without end", "{\"a\":".repeat(100_000), 400),
                arguments("a long attribute", "{\"" + "a".repeat(100_000) + "\":{" + output + "}}", 400),
                arguments("a number of 5,000 digits", "{\"a\":{\"x\":" + "9".repeat(5000) + "," + output + "}}", 400),
                arguments("a long text", "{\"a\":{" + output + ",\"x\":\"" + "y".repeat(2_000_000) + "\"}}", 413),
                arguments("a long row", "{\"a\":{" + output + ",\"x\":[" + "\"abc\",".repeat(100_000) + "1]}}", 413),
                arguments("many outputs", "{\"a\":{\"outputs\":{" + String.join(",", outputs) + "}}}", 400));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("metadata")
    void malformedOrLargeMetadataIsRefused(String what, String json, int status) throws Exception {
        var before = rows.counts();
        assertRefused(PUSH.metadata(json), status, what);
        assertEquals(before, rows.counts());
    }

    @Test
    void unusualMetadataIsAcceptedDuringRecognition() throws Exception {
        var path = SmallNar.path("described-1.0");
        PUSH.publish(SmallNar.of(Map.of("file", "described")), path);
        var outputs = "\"outputs\":{\"out\":\"" + path + "\"}";
        var odd = List.of(
                "{\"x\":{" + outputs
                        + ",\"meta\":{\"description\":[1],\"license\":5,\"homepage\":{},\"broken\":\"yes\"}}}",
                "{\"x\":{" + outputs + ",\"meta\":{\"description\":\"a\\u0000b\",\"\\u0000\":1}}}",
                "{\"x\":{" + outputs + ",\"meta\":{\"description\":\"\\ud800\"}}}",
                "{\"x\":{" + outputs + ",\"meta\":{\"x\":1e400}}}",
                "{\"x\":{" + outputs + "," + outputs + "},\"x\":{" + outputs + "}}",
                "{\"a\\u0000b\":{" + outputs + "}}",
                "{\"x\":{\"outputs\":[1],\"name\":5}}");
        for (int round = 0; round < 5; round++) {
            for (var json : odd) {
                var answer = PUSH.metadata(json);
                assertEquals(200, answer.statusCode(), () -> json + answer.body());
            }
        }
        for (var page : List.of("/path/" + SmallNar.hashPart(path), "/nix", "/nix/described")) {
            var answer = RawResponse.get(SERVER, "GET", "/" + CACHE + page, "Accept: text/html");
            assertEquals(200, answer.status(), page);
        }
    }

    static Stream<String> logNames() {
        var hash = "0".repeat(32);
        return Stream.of(
                "x.drv",
                hash + ".drv",
                "e".repeat(32) + "-x.drv",
                hash + "-x.txt",
                hash + "-a%20b.drv",
                hash + "-" + "a".repeat(300) + ".drv",
                hash + "-a%2fb.drv",
                hash + "-a%00.drv",
                "..");
    }

    @ParameterizedTest
    @MethodSource("logNames")
    void logWithoutADerivationIsRefused(String name) throws Exception {
        var before = rows.counts();
        var answer = RawResponse.get(
                SERVER,
                "PUT",
                "/" + CACHE + "/log/" + name,
                SharedServer.instance().bearer(),
                "Content-Length: 0");
        assertTrue(answer.status() == 400 || answer.status() == 404, () -> name + " " + answer);
        assertEquals(
                "text/plain; charset=utf-8", answer.header("content-type").replace("UTF", "utf"), answer.toString());
        assertEquals(before, rows.counts());
    }

    @Test
    void logIsShownEscapedForAnyLineLength() throws Exception {
        var path = SmallNar.path("logged-1.0");
        var drv = "0".repeat(32) + "-logged-1.0.drv";
        var nar = SmallNar.of(Map.of("file", "logged"));
        PUSH.upload(nar.bytes());
        var lines = nar.narInfo(path);
        lines.put("Deriver", drv);
        assertEquals(201, PUSH.narInfo(path, SmallNar.text(lines)).statusCode());
        var log = "\u001b[31m<script>alert(1)</script>\0\u00ff\r\n" + "x".repeat(20 << 20) + "\nlast line\n";
        assertEquals(
                201,
                PUSH.put("log/" + drv, log.getBytes(StandardCharsets.ISO_8859_1))
                        .statusCode());
        var page = RawResponse.get(
                SERVER, "GET", "/" + CACHE + "/path/" + SmallNar.hashPart(path) + "/log", "Accept: text/html");
        assertEquals(200, page.status());
        assertTrue(page.body().contains("&lt;script&gt;alert(1)"));
        assertTrue(page.body().contains("last line"));
        assertTrue(!page.body().contains("<script>alert") && page.body().length() < 100_000);
    }
}
