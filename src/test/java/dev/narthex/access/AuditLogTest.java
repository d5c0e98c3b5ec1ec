package dev.narthex.access;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The audit log. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class AuditLogTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    @Inject
    AuditQuery entries;

    private Cache cache;
    private long owner;
    private String token;

    @BeforeEach
    void aCacheAndItsOwner() {
        cache = people.cache("audited-" + NUMBERS.incrementAndGet(), false);
        owner = people.person(false);
        people.member(cache, owner, Role.OWNER);
        token = people.token(owner);
    }

    private Response audit(String query) {
        return get("/_api/v1/" + cache.name() + "/audit" + query, token);
    }

    private static Response get(String path, String token) {
        return given().header("Authorization", "Bearer " + token).get(path);
    }

    private static Response push(String token, String cache) {
        return given().header("Authorization", "Bearer " + token)
                .body("x")
                .put("/" + cache + "/" + "0".repeat(32) + ".narinfo");
    }

    @Test
    void everyWriteIsAuditedOnceWithItsPath() {
        var shelf = new PortalFixture(cache.name(), recognition);
        var path = PortalFixture.path("audited-" + cache.id() + ".drv");
        shelf.put(path, PortalFixture.file("x".getBytes(StandardCharsets.UTF_8)), Optional.empty());
        shelf.log(path, "built\n");
        audit("")
                .then()
                .statusCode(200)
                .header("Cache-Control", "no-store")
                .body("entries", hasSize(2))
                .body("entries[0].object", equalTo("log of " + path.baseName()))
                .body("entries[1].object", equalTo(path.baseName()))
                .body("entries[1].action", equalTo("push"))
                .body("entries[1].allowed", equalTo(true))
                .body("entries[1].cache", equalTo(cache.name()))
                .body("entries[1].actor", startsWith("token:"))
                .body("entries[1].via", startsWith("token:"))
                .body("entries[1].address", equalTo("127.0.0.1"))
                .body("entries[1].at", notNullValue());
    }

    @Test
    void differentBytesForAPathAreAuditedAsRefused() {
        var shelf = new PortalFixture(cache.name(), recognition);
        var path = PortalFixture.path("twice-" + cache.id());
        shelf.put(path, PortalFixture.file("x".getBytes(StandardCharsets.UTF_8)), Optional.empty());
        try {
            shelf.put(path, PortalFixture.file("y".getBytes(StandardCharsets.UTF_8)), Optional.empty());
        } catch (AssertionError conflict) {
            // the helper expects 201
        }
        audit("?allowed=false").then().body("entries.object", equalTo(List.of(path.baseName())));
    }

    @Test
    void refusedWriteIsAuditedOncePerMinute() {
        var reader = people.person(false);
        people.member(cache, reader, Role.READER);
        var mine = people.token(reader);
        for (int i = 0; i < 3; i++) {
            push(mine, cache.name()).then().statusCode(403);
        }
        audit("")
                .then()
                .body("entries", hasSize(1))
                .body("entries[0].allowed", equalTo(false))
                .body("entries[0].actor", startsWith("person:" + reader + ":"))
                .body("entries[0].via", startsWith("token:"))
                .body("entries[0].object", equalTo("/" + cache.name() + "/" + "0".repeat(32) + ".narinfo"));
        assertFalse(audit("").asString().contains(mine));
    }

    @Test
    void readsAreNotAudited() {
        var stranger = people.token(people.person(false));
        get("/" + cache.name() + "/nix-cache-info", token).then().statusCode(200);
        get("/" + cache.name() + "/nix-cache-info", stranger).then().statusCode(404);
        audit("").then().body("entries", hasSize(0));
    }

    @Test
    void anonymousRequestsAreAuditedByAddress() {
        var admin = people.token(Optional.empty(), Scope.ADMIN);
        var before = people.number("select coalesce(max(id), 0) from audit");
        for (int i = 0; i < 100; i++) {
            given().body("x")
                    .put("/audited-none-" + i + "/" + "0".repeat(32) + ".narinfo")
                    .then()
                    .statusCode(401);
        }
        var since = "select count(*) from audit where actor = 'anonymous' and id > " + before;
        // at most one entry per minute; an earlier test may have written it
        assertTrue(people.number(since) <= 1);
        get("/_api/v1/audit?actor=anonymous", admin).then().body("entries[0].via", equalTo("nothing"));
    }

    @Test
    void onlyOwnersReadTheAuditOfACacheAndOnlyAdminsAll() {
        var maintainer = people.person(false);
        people.member(cache, maintainer, Role.MAINTAINER);
        get("/_api/v1/" + cache.name() + "/audit", people.token(maintainer))
                .then()
                .statusCode(403);
        get("/_api/v1/" + cache.name() + "/audit", people.token(people.person(false)))
                .then()
                .statusCode(404);
        given().get("/_api/v1/" + cache.name() + "/audit").then().statusCode(401);
        get("/_api/v1/audit", token).then().statusCode(403);
        get("/_api/v1/audit", people.token(people.person(true))).then().statusCode(403);
        get("/_api/v1/audit", people.token(Optional.of(people.person(true)), Scope.ADMIN))
                .then()
                .statusCode(200);
    }

    @Test
    void createdAndRevokedTokensAreAudited() {
        var admin = people.token(Optional.empty(), Scope.ADMIN);
        var made = given().header("Authorization", "Bearer " + admin)
                .body("{\"label\":\"seen\",\"caches\":[\"*\"],\"actions\":[\"read\"]}")
                .post("/_api/v1/tokens");
        Number id = made.path("is.id");
        given().header("Authorization", "Bearer " + admin)
                .delete("/_api/v1/tokens/" + id)
                .then()
                .statusCode(204);
        var name = "token:" + id + ":seen";
        get("/_api/v1/audit?action=create token", admin).then().body("entries[0].object", equalTo(name));
        get("/_api/v1/audit?action=revoke token", admin)
                .then()
                .body("entries[0].object", equalTo(name))
                .body("entries.action", everyItem(equalTo("revoke token")));
        String secret = made.path("token");
        assertFalse(get("/_api/v1/audit", admin).asString().contains(secret));
    }

    @Test
    void tokenThatTriesToCreateATokenIsAudited() {
        given().header("Authorization", "Bearer " + token)
                .body("{}")
                .post("/_api/v1/tokens")
                .then()
                .statusCode(403);
        var admin = people.token(Optional.empty(), Scope.ADMIN);
        get("/_api/v1/audit?allowed=false&action=create token", admin)
                .then()
                .body("entries[0].actor", startsWith("person:" + owner + ":"))
                .body("entries[0].object", equalTo("/_api/v1/tokens"));
    }

    @Test
    void auditIsFilteredAndPaged() {
        people.run(
                "insert into audit (at, cache_id, actor, via, action, object, allowed) select timestamptz '2025-01-01Z'"
                        + " + make_interval(hours => i), " + cache.id()
                        + ", 'actor-' || i % 2, 'x', 'push', 'o' || i, i % 3 = 0"
                        + " from generate_series(1, 250) i");
        audit("").then().body("entries", hasSize(100)).body("entries[0].object", equalTo("o250"));
        var next = audit("").path("before");
        audit("?before=" + next).then().body("entries[0].object", equalTo("o150"));
        var last = audit("?before=" + audit("?before=" + next).path("before"));
        last.then().body("entries", hasSize(50)).body("before", nullValue());
        audit("?actor=actor-1&allowed=true").then().body("entries", hasSize(42));
        audit("?since=2025-01-01T03:00:00Z&until=2025-01-01T05:00:00Z")
                .then()
                .body("entries.object", equalTo(List.of("o4", "o3")));
        audit("?action=configure").then().body("entries", hasSize(0));
    }

    @ParameterizedTest
    @CsvSource({
        "since, since=yesterday",
        "until, until=+999999999-01-01T00:00:00Z",
        "before, before=x",
        "allowed, allowed=maybe",
        "who, who=me",
    })
    void whatCannotNarrowIsRefusedByItsName(String field, String query) {
        audit("?" + query).then().statusCode(400).body("field", equalTo(field));
    }

    @Test
    void entriesAreDeletedAfterAYear() {
        people.run(
                "insert into audit (at, cache_id, actor, via, action, object, allowed) select now() - make_interval(days => d), "
                        + cache.id() + ", 'a', 'x', 'push', 'd' || d, true from unnest(array[364, 366, 5000]) d");
        entries.run();
        audit("").then().body("entries.object", equalTo(List.of("d364")));
    }

    @Test
    void auditOfACacheIsReadByItsIndex() {
        people.run(
                "insert into audit (cache_id, actor, via, action, object, allowed) select 1000000 + i % 1000, 'a' || i % 100,"
                        + " 'x', 'push', 'o', true from generate_series(1, 50000) i; analyze audit");
        try {
            var plan = people.plan("select id from audit where cache_id = ? order by id desc limit ?");
            assertFalse(plan.contains("Seq Scan"), plan);
            var byActor = people.plan("select id from audit where actor = ? order by id desc limit ?");
            assertFalse(byActor.contains("Seq Scan"), byActor);
        } finally {
            people.run("delete from audit where cache_id >= 1000000");
        }
    }
}
