package dev.narthex.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.nix.SecretKey;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Signing keys of a cache over HTTP, and signatures made with them. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class CacheKeysApiTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    private Cache cache;
    private String owner;

    @BeforeEach
    void aPublicCache() {
        cache = people.cache("signed-" + NUMBERS.incrementAndGet(), true);
        owner = member(Role.OWNER);
    }

    private String member(Role role) {
        var person = people.person(false);
        people.member(cache, person, role);
        return people.token(person);
    }

    private RequestSpecification asOwner() {
        return given().header("Authorization", "Bearer " + owner);
    }

    private String keys() {
        return "/_api/v1/caches/" + cache.name() + "/keys";
    }

    private Response rotate() {
        return asOwner().post(keys());
    }

    private Response sign(String key, boolean signing) {
        return asOwner().body("{\"signing\":" + signing + "}").patch(keys() + "/" + key);
    }

    @Test
    void newKeySignsBesideTheOldOneUntilItIsRetired() {
        var shelf = new PortalFixture(cache.name(), recognition);
        var path = shelf.put("signed-1.0", PortalFixture.file("x".getBytes(StandardCharsets.UTF_8)));
        var info = "/" + cache.name() + "/" + path.hash() + ".narinfo";
        var old = "Sig: " + cache.name() + ":";
        var fresh = "Sig: " + cache.name() + "-2:";
        given().get(info).then().body(containsString(old), not(containsString(fresh)));
        var page = given().get("/api/" + cache.name());
        page.then().body("publicKeys", hasSize(1));
        rotate().then()
                .statusCode(201)
                .body("name", equalTo(cache.name() + "-2"))
                .body("publicKey", startsWith(cache.name() + "-2:"))
                .body("state", equalTo("signing"));
        given().get(info).then().body(containsString(old), containsString(fresh));
        var twin = given().header("If-None-Match", page.header("ETag")).get("/api/" + cache.name());
        twin.then().statusCode(200).body("publicKeys", hasSize(2));
        sign(cache.name(), false).then().statusCode(200).body("state", equalTo("retired"));
        given().get(info).then().body(not(containsString(old)), containsString(fresh));
        given().get("/api/" + cache.name()).then().body("publicKeys[0]", startsWith(cache.name() + "-2:"));
        sign(cache.name(), true).then().statusCode(200);
        given().get(info).then().body(containsString(old), containsString(fresh));
        var heard = RecordingDriver.ofRequests(() -> given().get(info));
        assertFalse(
                heard.stream().anyMatch(sql -> sql.contains("from path") || sql.contains("cache_key")),
                heard.toString());
    }

    /** Responses are cached, but only while they are valid. */
    @Test
    void addedSignatureIsInTheNextResponse() {
        var shelf = new PortalFixture(cache.name(), recognition);
        var file = PortalFixture.file("y".getBytes(StandardCharsets.UTF_8));
        var path = shelf.put("signed-later-1.0", file);
        var info = "/" + cache.name() + "/" + path.hash() + ".narinfo";
        var first = given().get(info);
        first.then().body(not(containsString("Sig: builder-4:")));
        given().header("If-None-Match", first.header("ETag")).get(info).then().statusCode(304);
        var builder = SecretKey.generate("builder-4");
        shelf.put(path, file, Optional.empty(), fingerprint -> List.of(builder.sign(fingerprint)));
        given().header("If-None-Match", first.header("ETag"))
                .get(info)
                .then()
                .statusCode(200)
                .body(containsString("Sig: builder-4:"));
    }

    @Test
    void destroyedKeyNeverSignsAgainAndKeepsItsName() {
        rotate();
        var second = keys() + "/" + cache.name() + "-2";
        asOwner().delete(second).then().statusCode(204);
        assertEquals(
                0,
                people.number("select count(secret_wrapped) from cache_key where cache_id = " + cache.id()
                        + " and name <> '" + cache.name() + "'"));
        sign(cache.name() + "-2", true).then().statusCode(409);
        asOwner().get(keys()).then().body("state", equalTo(List.of("signing", "known")));
        rotate().then().body("name", equalTo(cache.name() + "-3"));
        asOwner()
                .get("/_api/v1/" + cache.name() + "/audit?action=configure")
                .then()
                .body("entries.object", hasItem("destroy key " + cache.name() + "-2"));
    }

    @Test
    void oneKeySigns() {
        sign(cache.name(), false).then().statusCode(409).body("title", equalTo("Last signing key"));
        asOwner().delete(keys() + "/" + cache.name()).then().statusCode(409);
        sign("no-such-key", false).then().statusCode(404);
        asOwner().delete(keys() + "/no-such-key").then().statusCode(404);
        asOwner()
                .body("{}")
                .patch(keys() + "/" + cache.name())
                .then()
                .statusCode(400)
                .body("field", equalTo("signing"));
    }

    @Test
    void onlyOwnersSeeAndChangeKeys() {
        var maintainer = member(Role.MAINTAINER);
        var stranger = people.token(people.person(false));
        for (var token : List.of(maintainer, stranger)) {
            var with = "Bearer " + token;
            given().header("Authorization", with).get(keys()).then().statusCode(403);
            given().header("Authorization", with).post(keys()).then().statusCode(403);
        }
        given().post(keys()).then().statusCode(401);
        given().delete(keys() + "/" + cache.name()).then().statusCode(401);
    }

    @Test
    void secretKeyIsNeverReturned() {
        var shown = asOwner().get(keys()).asString() + rotate().asString();
        assertNotEquals(0, shown.length());
        assertFalse(shown.toLowerCase(java.util.Locale.ROOT).contains("secret"), shown);
    }
}
