package dev.narthex.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.narthex.client.support.RawResponse;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SharedServer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that no well-behaved client sends, to every protocol adapter, as bytes on a socket. */
class HostileRequestsIT {
    private static final String HTML = "Accept: text/html";
    private static final Server SERVER = SharedServer.instance().server;

    static Stream<Arguments> announced() throws IOException {
        var token = SharedServer.instance().bearer();
        var hash = "0".repeat(32);
        return Stream.of(
                arguments("/main/nar/x.nar", "X: none", 5_000_000L, 401),
                arguments("/main/nar/x.nar", "Authorization: Bearer nrx_x", 5_000_000L, 401),
                arguments("/main/nar/x.nar", "Authorization: Basic %%%", 5_000_000L, 401),
                arguments("/absent/nar/x.nar", token, 5_000_000L, 404),
                arguments("/main/nar/x.nar", token, 65L << 30, 413),
                arguments("/main/nar/x.nar", token, 1L << 60, 413),
                arguments("/main/nar/x.nar", token + "\r\nContent-Encoding: zstd", 5_000_000L, 415),
                arguments("/main/" + hash + ".narinfo", token, 5_000_000L, 413),
                arguments("/main/" + hash + ".ls", token, 1L << 40, 413),
                arguments("/main/log/" + hash + "-x.drv", token, 1L << 40, 413),
                arguments("/main/log/x", token, 5_000_000L, 400),
                arguments("/main/nar/a//b.nar", token, 5_000_000L, 400));
    }

    @ParameterizedTest(name = "{0} {2} bytes: {3}")
    @MethodSource("announced")
    void refusalComesBeforeTheBody(String target, String header, long length, int status) throws IOException {
        var answer = RawResponse.exchange(
                SERVER,
                "PUT " + target + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\nContent-Length: " + length
                        + "\r\nExpect: 100-continue\r\n\r\n",
                10_000);
        assertEquals(status, answer.status(), answer.toString());
        assertFalse(answer.continued());
        assertTrue(answer.ended(), "else the next request would be taken for the body");
        assertTrue(answer.header("content-type").startsWith("text/plain")
                && !answer.body().isBlank());
    }

    @Test
    void acceptedBodyGets100Continue() throws IOException {
        var request = "PUT /main/nar/x.nar HTTP/1.1\r\nHost: x\r\n"
                + SharedServer.instance().bearer() + "\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n";
        assertTrue(RawResponse.exchange(SERVER, request, 1000).continued());
    }

    @Test
    void truncatedBodiesAreNoServerErrors() throws IOException {
        var log = SERVER.log();
        var head = "PUT /main/nar/x.nar HTTP/1.1\r\nHost: x\r\n"
                + SharedServer.instance().bearer() + "\r\n";
        RawResponse.exchange(SERVER, head + "Content-Length: 100000\r\n\r\n\r\0\0\0\0\0\0\0nix-archive-1", 300);
        RawResponse.exchange(SERVER, head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nno size", 300);
        for (var form : List.of("theme=%zz", "a=1&".repeat(2000))) {
            var answer = RawResponse.get(
                    SERVER,
                    "POST",
                    "/prefs",
                    "Content-Type: application/x-www-form-urlencoded",
                    "Content-Length: " + form.length() + "\r\n\r\n" + form);
            assertEquals(400, answer.status(), answer.toString());
        }
        var upload = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n";
        var answer = RawResponse.get(
                SERVER,
                "POST",
                "/prefs",
                "Content-Type: multipart/form-data; boundary=x",
                "Content-Length: " + upload.length() + "\r\n\r\n" + upload);
        assertEquals(415, answer.status(), "files would be written to the disk");
        assertFalse(
                SERVER.log().substring(log.length()).contains("ERROR"),
                SERVER.log().substring(log.length()));
    }

    static Stream<Arguments> tricks() {
        var tails =
                List.of("//x", "/./x", "/../x", "/..", "/%2e%2e/x", "/..%2f..%2fx", "/;x", "/a;b", "/%00", "/a%00b");
        return Stream.of(
                        arguments("/main/nar", "text/plain"),
                        arguments("/main/log", "text/plain"),
                        arguments("/_api/v1/main", "application/problem+json"),
                        arguments("/registry/main/npm", "application/json"),
                        arguments("/registry/main/pypi/simple", "text/plain"),
                        arguments("/main/npm/ms", "application/problem+json"),
                        arguments("/api/main", "application/problem+json"))
                .flatMap(face -> tails.stream().map(tail -> arguments(face.get()[0] + tail, face.get()[1])));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tricks")
    void ambiguousPathsAreRefusedInTheFormatOfTheClient(String target, String type) throws IOException {
        var answer = RawResponse.get(SERVER, "GET", target);
        assertEquals(400, answer.status(), answer.toString());
        assertTrue(answer.header("content-type").startsWith(type), answer.toString());
        assertTrue(answer.body().contains("Malformed path"), answer.body());
        if (type.equals("application/json")) {
            assertTrue(answer.body().startsWith("{\"error\":"), answer.body());
        }
    }

    static Stream<String> oddTargets() {
        var bases = List.of(
                "/main",
                "/main/npm/ms",
                "/main/path/" + "0".repeat(32) + "/files",
                "/api/main",
                "/registry/main/npm",
                "/registry/main/pypi/simple",
                "/main/nar",
                "/main/log",
                "/registry/main",
                "/search");
        var tails = List.of(
                "/a%2fb",
                "/%2f",
                "/%5c",
                "/%0d%0aX-Evil: y",
                "/%c0%af",
                "/%ff%fe",
                "/%ed%a0%80",
                "/@",
                "/@a/",
                "/a@/files",
                "/a@1@2",
                "/%40a%2fb",
                "/-/-/-",
                "/%3Cscript%3Ealert(1)",
                "/%E2%80%AE",
                "/" + "a".repeat(3000),
                "/" + "a/".repeat(1000) + "b",
                "/__proto__",
                "/-/package/%2f/dist-tags",
                "/%",
                "/%zz",
                "?a=%zz",
                "?q=%00",
                "?page=-1",
                "?page=99999999999999999999",
                "?size=-1&from=-5&text=x",
                "/?" + "a".repeat(5000));
        return bases.stream().flatMap(base -> tails.stream().map(tail -> base + tail));
    }

    @Test
    void hostileTargetsAreNoServerErrorsAndInjectNothing() throws IOException {
        for (var target : oddTargets().toList()) {
            for (var accept : List.of("Accept: */*", HTML)) {
                var answer = RawResponse.get(SERVER, "GET", target, accept);
                assertTrue(answer.status() >= 200 && answer.status() < 500, () -> target + answer);
                assertFalse(answer.headers().containsKey("x-evil"), target);
                assertFalse(runs(answer), target);
            }
        }
    }

    static Stream<String> all() throws IOException {
        var item = SharedServer.CORPUS.items().stream()
                .filter(i -> i.ecosystem().equals("npm"))
                .findFirst()
                .orElseThrow();
        return Stream.of(
                "/",
                "/caches",
                "/search?q=ms",
                "/main",
                "/main/npm",
                "/api/main",
                "/docs",
                "/robots.txt",
                "/nope",
                "/favicon.ico",
                "/main/nix-cache-info",
                "/main/" + item.hash() + ".narinfo",
                "/main/path/" + item.hash(),
                "/main/" + "0".repeat(32) + ".narinfo",
                "/main/nar/absent.nar",
                "/main/nar/a/b",
                "/registry/main/npm/",
                "/registry/main/npm/" + item.packageName(),
                "/registry/main/npm/absent",
                "/registry/main/pypi/simple",
                "/registry/main/pypi/simple/absent/",
                "/registry/absent/npm/x",
                "/main//x");
    }

    @ParameterizedTest
    @MethodSource("all")
    void headIsLikeGetWithoutABody(String target) throws IOException {
        for (var accept : List.of("Accept: */*", HTML, HTML + "\r\nAccept-Encoding: gzip", "Range: bytes=5-")) {
            var get = RawResponse.get(SERVER, "GET", target, accept);
            var head = RawResponse.get(SERVER, "HEAD", target, accept);
            assertEquals(get.status(), head.status());
            assertEquals(get.headers(), head.headers(), target + " " + accept);
            assertEquals("", head.body());
            assertEquals(Integer.toString(get.body().length()), get.header("content-length"));
        }
    }

    @Test
    void otherMethodsAreRefused() throws IOException {
        for (var target : all().toList()) {
            for (var method : List.of("DELETE", "POST", "PATCH", "TRACE", "FOO", "PROPFIND")) {
                var answer = RawResponse.get(
                        SERVER, method, target, SharedServer.instance().bearer());
                assertTrue(answer.status() >= 400 && answer.status() < 500, () -> method + " " + target + answer);
            }
        }
    }

    @Test
    void searchAcceptsAnyText() throws IOException {
        var texts = Map.of(
                "percent",
                "%25",
                "line",
                "_",
                "quote",
                "'",
                "double",
                "%22",
                "nul",
                "a%00b",
                "bytes",
                "%ff",
                "backslash",
                "%5c%25",
                "long",
                "a".repeat(8000),
                "script",
                "%3Cscript%3Ealert(1)");
        for (var text : texts.entrySet()) {
            for (var page : List.of("/search?q=", "/api/search?q=", "/registry/main/npm/-/v1/search?text=")) {
                var answer = RawResponse.get(SERVER, "GET", page + text.getValue(), HTML);
                assertTrue(answer.status() < 500 && answer.status() != 0, () -> text.getKey() + answer);
                assertFalse(runs(answer), page);
            }
        }
    }

    /** JSON may contain markup: browsers do not parse it as HTML. */
    private static boolean runs(RawResponse answer) {
        return answer.header("content-type").contains("html") && answer.body().contains("<script>alert");
    }
}
