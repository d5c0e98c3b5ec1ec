package dev.narthex.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.Action;
import dev.narthex.access.NamePattern;
import dev.narthex.access.Role;
import dev.narthex.access.Scope;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Caches are created and configured over HTTP. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class CachesApiTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @Inject
    AccessFixture people;

    @Inject
    CacheCatalog caches;

    private long owner;
    private String token;
    private String name;

    @BeforeEach
    void aPerson() {
        owner = people.person(false);
        token = people.token(owner);
        name = "tenant-" + NUMBERS.incrementAndGet();
    }

    private static RequestSpecification with(String token) {
        return token.isEmpty() ? given() : given().header("Authorization", "Bearer " + token);
    }

    private static Response create(String token, String body) {
        return with(token).body(body).post("/_api/v1/caches");
    }

    private Response create() {
        return create(token, "{\"name\":\"" + name + "\"}");
    }

    private Response settings(String token) {
        return with(token).get("/_api/v1/caches/" + name);
    }

    private Response change(String token, String body) {
        return with(token).body(body).patch("/_api/v1/caches/" + name);
    }

    private String admin() {
        return people.token(Optional.empty(), Scope.ADMIN);
    }

    // ── creation ──

    @Test
    void creatorOwnsTheCache() {
        create().then()
                .statusCode(201)
                .header("Location", equalTo("/_api/v1/caches/" + name))
                .header("Cache-Control", "no-store")
                .body("name", equalTo(name))
                .body("public", equalTo(false))
                .body("priority", equalTo(41))
                .body("storeDir", equalTo("/nix/store"))
                .body("automaticReleases", equalTo(true))
                .body("publicKeys", hasSize(1))
                .body("publicKeys[0]", startsWith(name + ":"))
                .body("usage.paths", equalTo(0))
                .body("quotaBytes", nullValue());
        settings(token).then().statusCode(200).body("name", equalTo(name));
        assertTrue(listed().contains(name));
        with(token).get("/_api/v1/" + name + "/members").then().body("members.role", equalTo(List.of("owner")));
        with(token).get("/_api/v1/" + name + "/audit").then().body("entries.action", hasItem("create"));
        var stranger = people.token(people.person(false));
        settings(stranger).then().statusCode(404);
        settings("").then().statusCode(401);
    }

    /** Returns the names on all pages of the list. */
    private List<String> listed() {
        var first = with(token).get("/api/caches").jsonPath();
        var names = new ArrayList<String>(first.getList("caches.name"));
        for (int page = 2; page <= first.getInt("pages.pages"); page++) {
            names.addAll(with(token).get("/api/caches?page=" + page).jsonPath().getList("caches.name"));
        }
        with(token).get("/api/caches?page=999").then().statusCode(404);
        return names;
    }

    @Test
    void newCacheHasTheRequestedSettings() {
        var body = """
                {"name": "%s", "public": true, "summary": " For boats. ", "priority": 30, "storeDir": "/nix/store",
                 "upstreamKeyNames": ["cache.nixos.org-1", ""], "automaticReleases": false}""".formatted(name);
        create(token, body)
                .then()
                .statusCode(201)
                .body("public", equalTo(true))
                .body("summary", equalTo("For boats."))
                .body("upstreamKeyNames", equalTo(List.of("cache.nixos.org-1", "")))
                .body("automaticReleases", equalTo(false));
        given().get("/" + name + "/nix-cache-info").then().statusCode(200).body(containsString("Priority: 30\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name | {}",
                "name | {'name': null}",
                "cache name | {'name': 'Not-Lower'}",
                "cache name | {'name': 'search'}",
                "cache name | {'name': 'me'}",
                "name | {'name': ['x']}",
                "nmae | {'nmae': 'x'}",
                "priority | {'name': 'x', 'priority': -1}",
                "priority | {'name': 'x', 'priority': 'first'}",
                "storeDir | {'name': 'x', 'storeDir': '/gnu/store'}",
                "summary | {'name': 'x', 'summary': 'a\\u0000b'}",
                "upstreamKeyNames | {'name': 'x', 'upstreamKeyNames': ['a:b']}",
                "upstreamKeyNames | {'name': 'x', 'upstreamKeyNames': [null]}",
                "body | []",
                "body | x",
            })
    void invalidFieldIsNamed(String field, String body) {
        create(token, body.replace('\'', '"'))
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("field", equalTo(field));
    }

    @Test
    void nameIsUsedOnce() {
        create().then().statusCode(201);
        create().then().statusCode(409).body("title", equalTo("Name in use"));
    }

    @Test
    void creatingACacheNeedsPermission() {
        create("", "{\"name\":\"" + name + "\"}").then().statusCode(401);
        var narrow = people.token(Optional.of(owner), Scope.of(List.of(NamePattern.ALL), Set.of(Action.PUSH)));
        create(narrow, "{\"name\":\"" + name + "\"}").then().statusCode(403);
        var ci = Scope.of(List.of(new NamePattern("tenant-*")), Set.of(Action.CREATE, Action.CONFIGURE));
        var instances = people.token(Optional.empty(), ci);
        create(instances, "{\"name\":\"other\"}").then().statusCode(403);
        create(instances, "{\"name\":\"" + name + "\"}").then().statusCode(201);
        settings(instances).then().statusCode(200);
    }

    @Test
    void bytesAreSharedWithCachesOfTheSameOwnerOnly() {
        create().then().statusCode(201);
        var sibling = "{\"name\":\"" + name + "-2\",\"sharesBytesWith\":\"" + name + "\"}";
        create(people.token(people.person(false)), sibling).then().statusCode(404);
        var reader = people.person(false);
        people.member(cache(name), reader, Role.MAINTAINER);
        create(people.token(reader), sibling).then().statusCode(403);
        create(token, sibling).then().statusCode(201);
        assertEquals(cache(name).domainId(), cache(name + "-2").domainId());
        create(token, "{\"name\":\"" + name + "-3\"}").then().statusCode(201);
        assertNotEquals(cache(name).domainId(), cache(name + "-3").domainId());
    }

    private Cache cache(String name) {
        return caches.find(name).orElseThrow();
    }

    // ── settings ──

    @Test
    void makingACachePrivateAppliesToTheNextRequest() {
        create().then().statusCode(201);
        change(token, "{\"public\":true}").then().statusCode(200).body("public", equalTo(true));
        for (int i = 0; i < 3; i++) {
            given().get("/" + name + "/nix-cache-info").then().statusCode(200);
            given().get("/registry/" + name + "/pypi/simple/").then().statusCode(200);
        }
        change(token, "{\"public\":false}").then().statusCode(200);
        given().get("/" + name + "/nix-cache-info").then().statusCode(401);
        given().get("/registry/" + name + "/pypi/simple/").then().statusCode(401);
        given().get("/api/" + name).then().statusCode(401);
        given().get("/api/caches").then().body("caches.name", not(hasItem(name)));
        with(token).get("/_api/v1/" + name + "/audit").then().body("entries.object", hasItem("public false"));
    }

    @Test
    void patchChangesOnlyGivenSettings() {
        create(token, "{\"name\":\"" + name + "\",\"summary\":\"boats\",\"upstreamKeyNames\":[\"a\"]}");
        change(token, "{\"priority\":7}")
                .then()
                .statusCode(200)
                .body("priority", equalTo(7))
                .body("summary", equalTo("boats"))
                .body("upstreamKeyNames", equalTo(List.of("a")));
        var before = settings(token).asString();
        change(token, "{}").then().statusCode(200);
        assertEquals(before, settings(token).asString());
        with(token)
                .get("/_api/v1/" + name + "/audit?action=configure")
                .then()
                .body("entries.object", hasItem("priority 7"));
    }

    @Test
    void nullRemovesOptionalSettings() {
        create(token, "{\"name\":\"" + name + "\",\"summary\":\"boats\",\"upstreamKeyNames\":[\"a\"]}");
        change(token, "{\"summary\":null,\"upstreamKeyNames\":null}")
                .then()
                .statusCode(200)
                .body("summary", equalTo(""))
                .body("upstreamKeyNames", equalTo(List.of()));
        for (var member : List.of("public", "priority", "automaticReleases", "name", "storeDir")) {
            change(token, "{\"" + member + "\":null}")
                    .then()
                    .statusCode(400)
                    .body("title", equalTo("Malformed " + member));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"name\":\"other\"}", "{\"sharesBytesWith\":\"main\"}", "{\"priority\":1000001}"})
    void immutableFieldsAreRefused(String body) {
        create();
        change(token, body).then().statusCode(400);
    }

    @Test
    void onlyOwnersChangeACache() {
        create();
        var maintainer = people.person(false);
        people.member(cache(name), maintainer, Role.MAINTAINER);
        change(people.token(maintainer), "{\"public\":true}").then().statusCode(403);
        settings(people.token(maintainer)).then().statusCode(403);
        change(people.token(people.person(false)), "{\"public\":true}").then().statusCode(404);
        change("", "{\"public\":true}").then().statusCode(401);
    }

    @Test
    void onlyAdminsSetLimits() {
        create();
        var limits = "{\"quotaBytes\":1000000,\"uploadBytesPerMinute\":1000000}";
        change(token, limits).then().statusCode(403);
        change(admin(), limits).then().statusCode(200).body("quotaBytes", equalTo(1000000));
        settings(token).then().body("quotaBytes", equalTo(1000000)).body("uploadBytesPerMinute", equalTo(1000000));
        change(admin(), "{\"quotaBytes\":0}").then().body("quotaBytes", nullValue());
        settings(token).then().body("uploadBytesPerMinute", equalTo(1000000));
        change(admin(), "{\"quotaBytes\":-1}").then().statusCode(400).body("field", equalTo("quotaBytes"));
    }

    @Test
    void namesOfOtherTopLevelUrlsAreRefused() {
        for (var odd : List.of("import", "members", "undelete")) {
            create(token, "{\"name\":\"" + odd + "\"}").then().statusCode(201);
            with(token).get("/_api/v1/caches/" + odd).then().statusCode(200).body("name", equalTo(odd));
            with(token).get("/_api/v1/" + odd + "/members").then().statusCode(200);
        }
    }
}
