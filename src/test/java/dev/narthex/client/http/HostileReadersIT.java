package dev.narthex.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.RawResponse;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.SmallNar;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Reading: private caches, files with untrusted names and contents, and ranges. */
class HostileReadersIT {
    private static final String CACHE = "hostile-pages";
    private static final String SECRET = "hostile-secret";
    private static final String ABSENT = "hostile-absent";
    private static final String HTML = "Accept: text/html";
    private static final Server SERVER = SharedServer.instance().server;
    private static final Pattern MARKUP = Pattern.compile("<(?:script>alert|img src=x|iframe|b>)|\" ?onmouseover=");

    /** File names that a NAR may contain, one character per byte. */
    private static final List<String> NAMES = List.of(
            "\"onmouseover=\"alert(1)",
            "'\"><img src=x>",
            "<script>alert(1)<",
            "%00",
            "%2e%2e",
            "%2f..%2fx",
            "...",
            "..a",
            "@at",
            "a@b@c",
            "a#b?c=d&e",
            "a\\b",
            "a\nb",
            "a\rb: c",
            "a b",
            "a%b",
            "a;b",
            "\u00ff\u00fe",
            "\u00c3(",
            "\u00e2\u0080\u00aetxt.exe",
            "\u00f0\u009f\u0098\u0080",
            "{{x}}",
            "{x}",
            "|",
            "^",
            "[x]",
            "~",
            "x".repeat(255));

    private static String path = "";

    @BeforeAll
    static void push() throws IOException, InterruptedException, SQLException {
        try (var rows = new ServerDatabase(SERVER)) {
            rows.cache(CACHE, true);
            rows.cache(SECRET, false);
        }
        var files = new HashMap<String, String>();
        NAMES.forEach(name -> files.put(name, "content of " + name));
        files.put("index.html", "<script>alert(1)</script>");
        files.put("picture.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>");
        files.put(
                "README.md",
                "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) <iframe>");
        path = SmallNar.path("odd-names-1.0");
        for (var cache : List.of(CACHE, SECRET)) {
            new NixPushClient(SERVER, cache).publish(SmallNar.of(files), path);
        }
    }

    static Stream<Arguments> ranges() {
        return Stream.of(
                arguments("bytes=0-9", 206, "0-9"),
                arguments("Bytes=0-9", 206, "0-9"),
                arguments("bytes=-5", 206, "-5"),
                arguments("bytes=5-", 206, "5-"),
                arguments("bytes=0-99999999999", 206, "0-"),
                arguments("bytes=999999999-", 416, ""),
                arguments("bytes=-0", 416, ""),
                arguments("bytes=0-1,3-4", 200, "0-"),
                arguments("bytes=9-5", 200, "0-"),
                arguments("bytes=99999999999999999999-", 200, "0-"),
                arguments("lines=0-5", 200, "0-"));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("ranges")
    void singleRangeIsServedAndOtherRangesAreNot(String range, int status, String part) throws IOException {
        var narInfo = RawResponse.get(SERVER, "GET", "/" + CACHE + "/" + SmallNar.hashPart(path) + ".narinfo");
        var url = narInfo.body()
                .lines()
                .filter(l -> l.startsWith("URL: "))
                .findFirst()
                .orElseThrow()
                .substring(5);
        for (var target : List.of("/" + CACHE + "/" + url, "/" + CACHE + "/" + url.replace(".zst", ""))) {
            var whole = RawResponse.get(SERVER, "GET", target);
            var answer = RawResponse.get(SERVER, "GET", target, "Range: " + range);
            assertEquals(status, answer.status());
            assertEquals(expected(whole.body(), part), answer.body());
            var etag = whole.header("etag");
            assertEquals(
                    status,
                    RawResponse.get(SERVER, "GET", target, "Range: " + range, "If-Range: " + etag)
                            .status());
            var stale = RawResponse.get(SERVER, "GET", target, "Range: " + range, "If-Range: \"old\"");
            assertEquals(200, stale.status());
            assertEquals(whole.body(), stale.body());
            assertEquals(
                    304,
                    RawResponse.get(SERVER, "GET", target, "Range: " + range, "If-None-Match: " + etag)
                            .status());
        }
    }

    private static String expected(String whole, String part) {
        if (part.isEmpty()) {
            return "";
        }
        int dash = part.indexOf('-');
        if (dash == 0) {
            return whole.substring(whole.length() - Integer.parseInt(part.substring(1)));
        }
        int from = Integer.parseInt(part.substring(0, dash));
        return part.endsWith("-")
                ? whole.substring(from)
                : whole.substring(from, Integer.parseInt(part.substring(dash + 1)) + 1);
    }

    static Stream<String> privateTargets() {
        var hash = SmallNar.hashPart(SmallNar.path("odd-names-1.0"));
        return Stream.of(
                "/%s",
                "/%s/nix",
                "/%s/nix/odd-names",
                "/%s/nix/absent",
                "/%s/path/" + hash,
                "/%s/path/" + hash + "/files",
                "/api/%s",
                "/api/%s/nix/odd-names",
                "/%s/nix-cache-info",
                "/%s/" + hash + ".narinfo",
                "/%s/" + "0".repeat(32) + ".narinfo",
                "/%s/" + hash + ".ls",
                "/%s/nar/x.nar",
                "/%s/log/x",
                "/registry/%s/npm/",
                "/registry/%s/npm/x",
                "/registry/%s/pypi/simple/",
                "/registry/%s/pypi/simple/x/",
                "/_api/v1/%s/derivation-meta",
                "/search?q=odd&cache=%s");
    }

    @ParameterizedTest
    @MethodSource("privateTargets")
    void privateCacheAnswersAsAbsent(String target) throws IOException {
        for (var method : List.of("GET", "HEAD", "PUT", "POST", "DELETE")) {
            for (var header : List.of(
                    "Accept: */*",
                    HTML,
                    "Authorization: Bearer nrx_x",
                    "If-None-Match: *",
                    "Range: bytes=0-1",
                    "Sec-Fetch-Mode: navigate")) {
                var secret = RawResponse.get(SERVER, method, target.formatted(SECRET), header)
                        .toString();
                var absent = RawResponse.get(SERVER, method, target.formatted(ABSENT), header)
                        .toString();
                assertEquals(absent, secret.replace(SECRET, ABSENT), method + " " + header);
            }
        }
    }

    @Test
    void privateCacheIsNamedNowhere() throws IOException {
        for (var page :
                List.of("/", "/caches", "/api/caches", "/search?q=odd-names", "/api/search?q=odd-names", "/status")) {
            assertFalse(RawResponse.get(SERVER, "GET", page, HTML).body().contains(SECRET), page);
        }
        var mine = RawResponse.get(
                SERVER, "GET", "/api/" + SECRET, SharedServer.instance().bearer());
        assertEquals(200, mine.status(), "with a token it is there");
    }

    @Test
    void filesAreShownEscapedAndServedAsInertTypes() throws IOException {
        var root = "/" + CACHE + "/path/" + SmallNar.hashPart(path) + "/files";
        for (var page : List.of(root, root + "/README.md", root + "/index.html")) {
            var shown = RawResponse.get(SERVER, "GET", page, HTML);
            assertEquals(200, shown.status());
            assertFalse(MARKUP.matcher(shown.body()).find(), shown.body());
        }
        var names = new ArrayList<>(NAMES);
        names.addAll(List.of("index.html", "picture.svg", "README.md"));
        for (var name : names) {
            var file = root + "/"
                    + URLEncoder.encode(name, StandardCharsets.ISO_8859_1).replace("+", "%20");
            var shown = RawResponse.get(SERVER, "GET", file, HTML);
            assertEquals(200, shown.status(), file);
            assertFalse(MARKUP.matcher(shown.body()).find(), file);
            var raw = RawResponse.get(SERVER, "GET", file + "?raw", HTML);
            assertEquals(200, raw.status(), file);
            assertEquals("nosniff", raw.header("x-content-type-options"));
            assertTrue(raw.header("content-security-policy").contains("sandbox"));
            assertFalse(raw.header("content-type").contains("html"));
            assertEquals(
                    name.endsWith(".svg"), raw.header("content-disposition").startsWith("attachment"), file);
        }
    }

    static Stream<Arguments> credentials() throws IOException {
        var token = SharedServer.instance().bearer().substring("Authorization: Bearer ".length());
        return Stream.of(
                arguments("Bearer " + token, 200),
                arguments("bearer  " + token, 200),
                arguments("Basic " + base64("anyone:" + token), 200),
                arguments("basic " + base64(":" + token), 200),
                arguments("Basic " + base64(token), 200),
                arguments("Bearer " + token.substring(1), 401),
                arguments("Bearer " + token + "x", 401),
                arguments("Bearer", 401),
                arguments("Basic !!!", 401),
                arguments("Basic " + base64("no colon"), 401),
                arguments("Digest username=x", 401),
                arguments("x".repeat(8000), 401));
    }

    @ParameterizedTest
    @MethodSource("credentials")
    void onlyATokenOpensAPrivateCache(String authorization, int status) throws IOException {
        var answer =
                RawResponse.get(SERVER, "GET", "/" + SECRET + "/nix-cache-info", "Authorization: " + authorization);
        assertEquals(status, answer.status(), answer.toString());
    }

    private static String base64(String text) {
        return java.util.Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
