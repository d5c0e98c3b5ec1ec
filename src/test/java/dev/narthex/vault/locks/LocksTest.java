package dev.narthex.vault.locks;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.ecosystem.npm.PublishRequestFixture;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The response to a lockfile has the store paths of its files, as far as the reader may see them. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class LocksTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @Inject
    AccessFixture people;

    @TestHTTPResource
    URI server;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Cache cache;
    private String token;
    private PublishRequestFixture lantern;

    @AfterEach
    void leave() {
        http.close();
    }

    @BeforeEach
    void aCacheWithAPackage() {
        cache = people.cache("locks-" + NUMBERS.incrementAndGet(), true);
        long publisher = people.person(false);
        people.member(cache, publisher, Role.PUBLISHER);
        token = people.token(publisher);
        lantern = PublishRequestFixture.of("@harbour/lantern", "1.0.0");
        publish(cache, lantern);
    }

    private void publish(Cache into, PublishRequestFixture sending) {
        given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer " + token)
                .contentType("application/json")
                .body(sending.body())
                .put("/registry/" + into.name() + "/npm/@harbour%2flantern")
                .then()
                .statusCode(201);
    }

    private static NixHash hash(HashAlgorithm algorithm, byte[] bytes) {
        return NixHash.of(algorithm, algorithm.newDigest().digest(bytes));
    }

    private static String path(NixHash hash, String name) {
        return new ContentAddress.Fixed(false, hash).storePath(name).toString();
    }

    private static String entry(String key, String name, String resolved, String integrity) {
        return "\"%s\":{\"name\":\"%s\",\"version\":\"1.0.0\",\"resolved\":\"%s\",\"integrity\":\"%s\"}"
                .formatted(key, name, resolved, integrity);
    }

    private static String lock(String... entries) {
        return "{\"lockfileVersion\":3,\"packages\":{" + String.join(",", entries) + "}}";
    }

    private RequestSpecification as(String bearer) {
        return bearer.isEmpty() ? given() : given().header("Authorization", "Bearer " + bearer);
    }

    private Response post(String bearer, Cache to, String lock) {
        return as(bearer).contentType("application/json").body(lock).post("/_api/v1/" + to.name() + "/locks/npm");
    }

    private ValidatableResponse answered(String lock) {
        return post("", cache, lock).then().statusCode(200).contentType("application/json");
    }

    private static final String RESOLVED = "https://registry.example/@harbour/lantern/-/lantern-1.0.0.tgz";

    private String lanternBy(HashAlgorithm algorithm, String resolved) {
        return lock(entry(
                "node_modules/lamp",
                "@harbour/lantern",
                resolved,
                hash(algorithm, lantern.tarball()).sri()));
    }

    @Test
    void presentFilesAreListedByStorePathAndUrl() {
        for (var algorithm : List.of(HashAlgorithm.SHA512, HashAlgorithm.SHA256)) {
            var hash = hash(algorithm, lantern.tarball());
            var answer = answered(lanternBy(algorithm, RESOLVED))
                    .header("Cache-Control", "no-store")
                    .body("format", equalTo("package-lock.json v3"))
                    .body("substituter", endsWith("/" + cache.name()))
                    .body("entries", hasSize(1))
                    .body("entries[0].key", equalTo("node_modules/lamp"))
                    .body("entries[0].name", equalTo("@harbour/lantern"))
                    .body("entries[0].version", equalTo("1.0.0"))
                    .body("entries[0].path", equalTo(path(hash, "lantern-1.0.0.tgz")))
                    .body("entries[0].hash", equalTo(hash.sri()))
                    .body("entries[0].have", equalTo(true))
                    .body("missing", hasSize(0))
                    .body("skipped", hasSize(0));
            String url = answer.extract().path("entries[0].url");
            assertTrue(url.endsWith("/registry/" + cache.name() + "/npm/@harbour/lantern/-/lantern-1.0.0.tgz"), url);
            String nix = answer.extract().path("nix");
            assertTrue(nix.contains("f0 = fetch \"lantern-1.0.0.tgz\" \"" + hash.sri() + "\" \"" + url + "\";"), nix);
            assertTrue(nix.contains("\"node_modules/lamp\" = f0;"), nix);
            assertEquals(
                    nix,
                    as("").accept("text/x-nix")
                            .body(lanternBy(algorithm, RESOLVED))
                            .post("/_api/v1/" + cache.name() + "/locks/npm")
                            .then()
                            .statusCode(200)
                            .contentType(startsWith("text/x-nix"))
                            .extract()
                            .asString());
        }
    }

    /** A file with another name in another registry has a path with the same hash here, which is used. */
    @Test
    void bytesUnderAnotherNameAreFound() {
        for (var algorithm : List.of(HashAlgorithm.SHA512, HashAlgorithm.SHA256)) {
            var hash = hash(algorithm, lantern.tarball());
            String nix = answered(lanternBy(algorithm, "https://registry.example/download/f00d"))
                    .body("entries[0].have", equalTo(false))
                    .body("entries[0].path", equalTo(path(hash, "f00d")))
                    .body("missing", hasSize(1))
                    .body("missing[0].name", equalTo("@harbour/lantern"))
                    .body("missing[0].version", equalTo("1.0.0"))
                    .body("missing[0].path", equalTo(path(hash, "f00d")))
                    .body("missing[0].elsewhere.path", equalTo(path(hash, "lantern-1.0.0.tgz")))
                    .body("missing[0].elsewhere.filename", equalTo("lantern-1.0.0.tgz"))
                    .extract()
                    .path("nix");
            assertTrue(nix.contains("fetch \"lantern-1.0.0.tgz\" \"" + hash.sri() + "\" \"http://"), nix);
            assertTrue(nix.contains("/registry/" + cache.name() + "/npm/@harbour/lantern/-/"), nix);
        }
    }

    /** No path has a SHA-1: the path with the better hash of the same file is returned, with a note. */
    @Test
    void filesLockedBySha1AreListedByTheirStrongerHash() {
        var sha1 = hash(HashAlgorithm.SHA1, lantern.tarball());
        var kept = hash(HashAlgorithm.SHA512, lantern.tarball());
        // the name in another registry does not matter
        for (var resolved : List.of(RESOLVED, "https://registry.example/download/f00d")) {
            String nix = answered(lanternBy(HashAlgorithm.SHA1, resolved))
                    .body("entries[0].have", equalTo(true))
                    .body("entries[0].path", equalTo(path(kept, "lantern-1.0.0.tgz")))
                    .body("entries[0].hash", equalTo(kept.sri()))
                    .body("entries[0].foundBy", equalTo(sha1.sri()))
                    .body("missing", hasSize(0))
                    .extract()
                    .path("nix");
            assertTrue(nix.contains("fetch \"lantern-1.0.0.tgz\" \"" + kept.sri() + "\" \"http://"), nix);
            assertTrue(nix.contains("/registry/" + cache.name() + "/npm/@harbour/lantern/-/"), nix);
        }
        answered("# yarn lockfile v1\n\n\"@harbour/lantern@^1\":\n  version \"1.0.0\"\n  resolved \"" + RESOLVED + "#"
                        + sha1.hex() + "\"\n")
                .body("entries[0].path", equalTo(path(kept, "lantern-1.0.0.tgz")))
                .body("entries[0].foundBy", equalTo(sha1.sri()));
        answered(lanternBy(HashAlgorithm.SHA512, RESOLVED)).body("entries[0].foundBy", equalTo(null));
        // different bytes of the same version do not match
        var other = hash(HashAlgorithm.SHA1, new byte[0]);
        answered(lock(entry("node_modules/x", "@harbour/lantern", RESOLVED, other.sri())))
                .body("entries[0].have", equalTo(false))
                .body("entries[0].path", equalTo(path(other, "lantern-1.0.0.tgz")))
                .body("missing[0].path", equalTo(path(other, "lantern-1.0.0.tgz")))
                .body("missing[0].elsewhere", equalTo(null));
    }

    @Test
    void missingFilesAreListedOnceWithHashAndLocation() {
        var hash = hash(HashAlgorithm.SHA512, new byte[] {1});
        var url = "https://registry.example/wick/-/wick-1.0.0.tgz";
        String nix = answered(lock(
                        entry("node_modules/wick", "wick", url, hash.sri()),
                        entry("node_modules/a/node_modules/wick", "wick", url, hash.sri()),
                        "\"node_modules/b\":{\"link\":true,\"resolved\":\"b\"}"))
                .body("entries", hasSize(2))
                .body("entries[1].url", equalTo(url))
                .body("missing", hasSize(1))
                .body("missing[0].name", equalTo("wick"))
                .body("missing[0].hash", equalTo(hash.sri()))
                .body("missing[0].path", equalTo(path(hash, "wick-1.0.0.tgz")))
                .body("missing[0].elsewhere", equalTo(null))
                .body("skipped[0].key", equalTo("node_modules/b"))
                .body("skipped[0].reason", containsString("folder"))
                .extract()
                .path("nix");
        assertTrue(nix.contains("all = [ f0 ];"), nix);
    }

    /** The bytes are in another cache of the same server, which is not revealed. */
    @Test
    void otherCachesAreNotSearched() {
        var other = people.cache("locks-" + NUMBERS.incrementAndGet(), true);
        post("", other, lanternBy(HashAlgorithm.SHA512, RESOLVED))
                .then()
                .statusCode(200)
                .body("entries[0].have", equalTo(false))
                .body("missing[0].elsewhere", equalTo(null))
                .body("missing[0].url", equalTo(RESOLVED));
    }

    @Test
    void privateCacheAnswersAsAbsent() {
        var sealed = people.cache("locks-" + NUMBERS.incrementAndGet(), false);
        var stranger = people.token(people.person(false));
        var lock = lanternBy(HashAlgorithm.SHA512, RESOLVED);
        post("", sealed, lock).then().statusCode(401);
        post(stranger, sealed, lock).then().statusCode(404);
        // permissions are checked before the lockfile is read
        post(stranger, sealed, "nonsense").then().statusCode(404);
        long reader = people.person(false);
        people.member(sealed, reader, Role.READER);
        post(people.token(reader), sealed, lock).then().statusCode(200);
    }

    @Test
    void invalidLockfileIsRefusedWithTheReason() {
        post("", cache, "{}").then().statusCode(422).body("field", containsString("lockfileVersion"));
        post("", cache, lock("\"node_modules/x\":{\"version\":{}}"))
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("title", equalTo("Unprocessable content"))
                .body("field", equalTo("package-lock.json, line 1, packages.node_modules/x.version"));
        var alone = entry(
                "node_modules/\\ud800",
                "x",
                RESOLVED,
                hash(HashAlgorithm.SHA1, new byte[0]).sri());
        post("", cache, lock(alone)).then().statusCode(422).body("detail", containsString("well-formed"));
        post("", cache, lock("\"node_modules/\\ud800\":{\"version\":[]}"))
                .then()
                .statusCode(422);
        post(
                        "",
                        cache,
                        lock(entry(
                                "node_modules/a\\u0000b",
                                "x",
                                RESOLVED,
                                hash(HashAlgorithm.SHA1, new byte[0]).sri())))
                .then()
                .statusCode(422);
        var noUtf8 = new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'};
        as("").contentType("application/octet-stream")
                .body(noUtf8)
                .post("/_api/v1/" + cache.name() + "/locks/npm")
                .then()
                .statusCode(422)
                .body("detail", containsString("UTF-8"));
        as("").body("{}").post("/_api/v1/" + cache.name() + "/locks/nix").then().statusCode(404);
        as("").header("Content-Encoding", "gzip")
                .body("{}")
                .post("/_api/v1/" + cache.name() + "/locks/npm")
                .then()
                .statusCode(415);
    }

    private static String many(int count) {
        var hash = hash(HashAlgorithm.SHA512, new byte[] {2}).sri();
        return lock(IntStream.range(0, count)
                .mapToObj(i -> entry("node_modules/p" + i, "p" + i, "https://h/p" + i + ".tgz", hash))
                .toArray(String[]::new));
    }

    @Test
    void statementCountDoesNotGrowWithTheLockfile() {
        var few = statements(many(1));
        assertEquals(few, statements(many(50_000)));
        assertEquals(2, few.stream().filter(sql -> sql.contains("path")).count(), few.toString());
    }

    private List<String> statements(String lock) {
        return RecordingDriver.ofRequests(() -> assertEquals(lock.split("integrity").length - 1, entries(lock)));
    }

    /** Counts entries while streaming, because the response is long. */
    private int entries(String lock) {
        var answer = sent(lock);
        assertEquals(200, answer.statusCode());
        try (var told = new JsonFactory().createParser(answer.body())) {
            int keys = 0;
            while (told.nextToken() != null) {
                keys += told.currentToken() == JsonToken.FIELD_NAME
                                && told.currentName().equals("key")
                        ? 1
                        : 0;
            }
            return keys;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<InputStream> sent(String lock) {
        var request = HttpRequest.newBuilder(server.resolve("/_api/v1/" + cache.name() + "/locks/npm"))
                .expectContinue(true)
                .POST(BodyPublishers.ofString(lock))
                .build();
        try {
            return http.send(request, BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void assertTooLarge(String lock, String detail) throws IOException {
        var answer = sent(lock);
        var body = new String(answer.body().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(413, answer.statusCode(), body);
        assertTrue(body.contains(detail), body);
    }

    @Test
    void lockfileLengthIsLimited() throws IOException {
        assertTooLarge(many(50_001), "50000");
        assertTooLarge("{\"x\":[" + "1,".repeat(17 << 20) + "1]}", "32 MiB");
        var keys = IntStream.range(0, 5000)
                .mapToObj(i -> "\"node_modules/%s%d\":{}".formatted("k".repeat(4000), i))
                .toArray(String[]::new);
        assertTooLarge(lock(keys), "characters");
        // each refusal released its permit
        assertEquals(5000, entries(many(5000)));
    }

    /** Strings with special meanings in Nix. */
    @Test
    void keysCannotEscapeFromTheExpression() {
        var keys = Map.of(
                "${builtins.abort \"x\"}", "\"\\${builtins.abort \\\"x\\\"}\"",
                "a\\b\"c", "\"a\\\\b\\\"c\"",
                "a\nb\rc\td", "\"a\\nb\\rc\\td\"",
                "$$ ''${", "\"\\$\\$ ''\\${\"");
        keys.forEach((text, quoted) -> assertEquals(quoted, NixExpression.quote(text)));
        var nasty = "node_modules/${x}\\\\\\\"; in y; \\n#";
        String nix = answered(lock(entry(
                        nasty,
                        "x",
                        RESOLVED,
                        hash(HashAlgorithm.SHA1, new byte[0]).sri())))
                .extract()
                .path("nix");
        assertTrue(nix.contains("\"node_modules/\\${x}\\\\\\\"; in y; \\n#\" = f0;"), nix);
        assertFalse(nix.contains("\"; in y; \n"), nix);
    }
}
