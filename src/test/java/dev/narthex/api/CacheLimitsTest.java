package dev.narthex.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.Scope;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Quota and upload rate of a cache. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class CacheLimitsTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final int CONTENT = 1000;

    @Inject
    AccessFixture people;

    private Cache cache;
    private String token;

    @BeforeEach
    void aCache() {
        cache = people.cache("limited-" + NUMBERS.incrementAndGet(), true);
        var publisher = people.person(false);
        people.member(cache, publisher, Role.PUBLISHER);
        token = people.token(publisher);
    }

    private void limit(String limits) {
        given().header("Authorization", "Bearer " + people.token(Optional.empty(), Scope.ADMIN))
                .body(limits)
                .patch("/_api/v1/caches/" + cache.name())
                .then()
                .statusCode(200);
    }

    @Test
    void nullRemovesALimitForAdminsOnly() {
        limit("{\"quotaBytes\":5000,\"uploadBytesPerMinute\":6000}");
        var owner = people.person(false);
        people.member(cache, owner, Role.OWNER);
        for (var member : List.of("quotaBytes", "uploadBytesPerMinute")) {
            given().header("Authorization", "Bearer " + people.token(owner))
                    .body("{\"" + member + "\":null}")
                    .patch("/_api/v1/caches/" + cache.name())
                    .then()
                    .statusCode(403);
            limit("{\"" + member + "\":null}");
        }
        given().header("Authorization", "Bearer " + people.token(owner))
                .get("/_api/v1/caches/" + cache.name())
                .then()
                .statusCode(200)
                .body("quotaBytes", equalTo(null))
                .body("uploadBytesPerMinute", equalTo(null));
    }

    private RequestSpecification client() {
        return given().header("Authorization", "Bearer " + token);
    }

    /** NARs of one size with different bytes. */
    private record Made(StorePath path, byte[] nar) {
        static Made of(String name) {
            var content = String.format("%-" + CONTENT + "s", name).getBytes(StandardCharsets.UTF_8);
            var out = new ByteArrayOutputStream();
            try (var nar = new NarWriter(out)) {
                nar.start();
                nar.regular(new byte[0], false, content.length, new ByteArrayInputStream(content));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return new Made(PortalFixture.path(name), out.toByteArray());
        }

        String narInfo() {
            return new NarInfo(
                            path,
                            "nar/" + path.hash() + ".nar",
                            "none",
                            Optional.empty(),
                            OptionalLong.empty(),
                            NixHash.sha256(nar),
                            nar.length,
                            List.of(),
                            Optional.empty(),
                            List.of(),
                            Optional.empty())
                    .text();
        }
    }

    private Made made(String name) {
        return Made.of(cache.name() + "-" + name);
    }

    private Response sendNar(Made made) {
        return client().body(made.nar())
                .put("/" + cache.name() + "/nar/" + made.path().hash() + ".nar");
    }

    private Response sendNarInfo(Made made) {
        return client().body(made.narInfo())
                .put("/" + cache.name() + "/" + made.path().hash() + ".narinfo");
    }

    private void push(Made made) {
        sendNar(made).then().statusCode(201);
        sendNarInfo(made).then().statusCode(201);
    }

    @Test
    void pathOverQuotaIsRefusedUnlessItExists() {
        var first = made("first");
        var second = made("second");
        long size = first.nar().length;
        limit("{\"quotaBytes\":" + (2 * size - 1) + "}");
        push(first);
        sendNar(second).then().statusCode(201);
        sendNarInfo(second)
                .then()
                .statusCode(413)
                .body(allOf(containsString("may hold " + (2 * size - 1)), containsString("holds " + size)));
        client().get("/" + cache.name() + "/" + second.path().hash() + ".narinfo")
                .then()
                .statusCode(404);
        sendNarInfo(first).then().statusCode(200);
        limit("{\"quotaBytes\":" + 2 * size + "}");
        sendNarInfo(second).then().statusCode(201);
        assertEquals(2 * size, used());
        sendNar(made("third")).then().statusCode(413).body(containsString("quotaBytes"));
    }

    private long used() {
        return people.number("select bytes from cache_usage where cache_id = " + cache.id());
    }

    @Test
    void concurrentUploadsAreAcceptedUpToTheQuota() throws Exception {
        var all = IntStream.range(0, 8).mapToObj(i -> made("race-" + i)).toList();
        long size = all.getFirst().nar().length;
        all.forEach(each -> sendNar(each).then().statusCode(201));
        limit("{\"quotaBytes\":" + (3 * size + 1) + "}");
        try (var threads = Executors.newFixedThreadPool(all.size())) {
            var statuses = threads
                    .invokeAll(all.stream()
                            .<Callable<Integer>>map(
                                    each -> () -> sendNarInfo(each).statusCode())
                            .toList())
                    .stream()
                    .map(done -> done.resultNow())
                    .toList();
            assertEquals(3, statuses.stream().filter(status -> status == 201).count(), statuses.toString());
            assertEquals(5, statuses.stream().filter(status -> status == 413).count(), statuses.toString());
        }
        assertEquals(3 * size, used());
    }

    @Test
    void uploadOverQuotaIsRefusedBeforeItsBody() throws IOException {
        limit("{\"quotaBytes\":1000000}");
        assertTrue(expecting(2_000_000).startsWith("HTTP/1.1 413"));
        assertTrue(expecting(900_000).startsWith("HTTP/1.1 100"));
    }

    /** Returns the status line that a client receives for Expect: 100-continue. */
    private String expecting(long length) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port)) {
            socket.setSoTimeout(20_000);
            var head = "PUT /" + cache.name() + "/nar/x.nar HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                    + token + "\r\nContent-Length: " + length + "\r\nExpect: 100-continue\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }

    @Test
    void atticUploadOverQuotaIsRefused() {
        var first = made("attic");
        limit("{\"quotaBytes\":10}");
        var info = """
                {"cache":"%s","store_path_hash":"%s","store_path":"%s","references":[],"system":null,"deriver":null,"sigs":[],"ca":null,"nar_hash":"sha256:%s","nar_size":%d}""".formatted(
                        cache.name(),
                        first.path().hash(),
                        first.path(),
                        NixHash.sha256(first.nar()).hex(),
                        first.nar().length);
        client().header("X-Attic-Nar-Info", info)
                .body(first.nar())
                .put("/_api/v1/upload-path")
                .then()
                .statusCode(413)
                .body("error", equalTo("RequestError"))
                .body("message", containsString("quotaBytes"));
    }

    @Test
    void uploadsOverTheRateLimitGet429() {
        limit("{\"uploadBytesPerMinute\":1500}");
        push(made("slow-1"));
        push(made("slow-2"));
        sendNar(made("slow-3"))
                .then()
                .statusCode(429)
                .header("Retry-After", matchesPattern("[1-9][0-9]?"))
                .body(containsString("1500 bytes"));
        limit("{\"uploadBytesPerMinute\":0}");
        push(made("slow-3"));
    }
}
