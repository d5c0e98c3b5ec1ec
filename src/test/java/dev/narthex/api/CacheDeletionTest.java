package dev.narthex.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.Scope;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.cache.CacheDeletion;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.retention.CacheRemovalJob;
import dev.narthex.retention.DeletedCacheReaper;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Caches are deleted, restored and finally removed. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class CacheDeletionTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String HASH = "0".repeat(32);

    @Inject
    AccessFixture people;

    @Inject
    CacheCatalog caches;

    @Inject
    DeletedCacheReaper leaving;

    @Inject
    CacheRemovalJob removal;

    @Inject
    CacheDeletion deletion;

    @Inject
    ReleaseRecognition recognition;

    private Cache cache;
    private String owner;
    private String reader;

    @BeforeEach
    void aPrivateCache() {
        cache = people.cache("leaving-" + NUMBERS.incrementAndGet(), false);
        owner = member(Role.OWNER);
        reader = member(Role.READER);
    }

    private String member(Role role) {
        var person = people.person(false);
        people.member(cache, person, role);
        return people.token(person);
    }

    private String stranger() {
        return people.token(people.person(false));
    }

    private String admin() {
        return people.token(Optional.empty(), Scope.ADMIN);
    }

    private static RequestSpecification with(String token) {
        return token.isEmpty() ? given() : given().header("Authorization", "Bearer " + token);
    }

    private String address() {
        return "/_api/v1/caches/" + cache.name();
    }

    private void delete() {
        with(owner).delete(address()).then().statusCode(200).body("name", equalTo(cache.name()));
    }

    private void waitForAWeek() {
        people.run("update cache set deleted_at = deleted_at - interval '7 days 1 second' where id = " + cache.id());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /%s",
        "GET, /api/%s",
        "GET, /%s/nix-cache-info",
        "GET, /%s/00000000000000000000000000000000.narinfo",
        "PUT, /%s/00000000000000000000000000000000.narinfo",
        "PUT, /%s/nar/x.nar.xz",
        "GET, /_api/v1/cache-config/%s",
        "GET, /_api/v1/caches/%s",
        "DELETE, /_api/v1/caches/%s",
        "GET, /_api/v1/%s/members",
        "GET, /registry/%s/npm/lantern",
        "GET, /registry/%s/pypi/simple/",
    })
    void aDeletedCacheIsGoneForItsMembersAndAbsentForOthers(String method, String path) {
        delete();
        for (var member : List.of(owner, reader, admin())) {
            assertEquals(410, status(member, method, path, cache.name()), method + " " + path);
        }
        for (var other : List.of("", stranger())) {
            int absent = status(other, method, path, "no-such-cache");
            assertEquals(absent, status(other, method, path, cache.name()), method + " " + path);
        }
    }

    private static int status(String token, String method, String path, String cache) {
        return with(token)
                .redirects()
                .follow(false)
                .body("x".getBytes(StandardCharsets.UTF_8))
                .request(method, path.formatted(cache))
                .statusCode();
    }

    @Test
    void deletedPublicCacheIsAbsentForEveryone() {
        people.run("update cache set public = true where id = " + cache.id());
        given().get("/registry/" + cache.name() + "/pypi/simple/").then().statusCode(200);
        delete();
        given().get("/" + cache.name() + "/nix-cache-info").then().statusCode(410);
        given().get("/registry/" + cache.name() + "/pypi/simple/").then().statusCode(410);
        given().get("/api/caches").then().body("caches.name", not(hasItem(cache.name())));
        with("nrx_wrong").get("/" + cache.name() + "/nix-cache-info").then().statusCode(410);
    }

    @Test
    void onlyOwnersDelete() {
        with(member(Role.MAINTAINER)).delete(address()).then().statusCode(403);
        with(stranger()).delete(address()).then().statusCode(404);
        with("").delete(address()).then().statusCode(401);
        delete();
        with(owner).delete(address()).then().statusCode(410);
    }

    @Test
    void ownerRestoresDeletedCache() {
        var shelf = new PortalFixture(cache.name(), recognition);
        var path = shelf.put("kept-1.0", PortalFixture.file("x".getBytes(StandardCharsets.UTF_8)));
        delete();
        var undelete = address() + "/undelete";
        with(reader).post(undelete).then().statusCode(403);
        with(stranger()).post(undelete).then().statusCode(404);
        with("").post(undelete).then().statusCode(401);
        with(owner).post(undelete).then().statusCode(200).body("name", equalTo(cache.name()));
        with(owner).post(undelete).then().statusCode(409);
        with(reader)
                .get("/" + cache.name() + "/" + path.hash() + ".narinfo")
                .then()
                .statusCode(200);
        with(owner)
                .get("/_api/v1/" + cache.name() + "/audit?action=destroy&allowed=true")
                .then()
                .body("entries.object", equalTo(List.of("undelete", "delete")));
    }

    @Test
    void deletedCacheIsAbsentForEveryoneAfterAWeek() {
        delete();
        waitForAWeek();
        with(owner).get("/" + cache.name() + "/nix-cache-info").then().statusCode(404);
        with(owner).post(address() + "/undelete").then().statusCode(404);
        with(admin()).post(address() + "/undelete").then().statusCode(404);
        with(owner)
                .body("{\"name\":\"" + cache.name() + "\"}")
                .post("/_api/v1/caches")
                .then()
                .statusCode(409);
    }

    @Test
    void contentIsRemovedInPartsAndNameIsFreedByAdmin() {
        fill();
        with(admin()).delete(address() + "?free=true").then().statusCode(409);
        delete();
        leaving.run();
        removal.run(Long.toString(cache.id()));
        assertEquals(
                2, people.number("select paths from cache_usage where cache_id = " + cache.id()), "it can come back");
        waitForAWeek();
        with(admin()).delete(address() + "?free=true").then().statusCode(409);
        // the job may run concurrently or have ended; each part is removed once
        leaving.run();
        QuarkusTransaction.requiringNew().run(() -> deletion.removeSome(cache.id()));
        removal.run(Long.toString(cache.id()));
        for (var table : List.of("package", "path", "build_log", "cache_key", "import_run", "pin", "tombstone")) {
            assertEquals(0, people.number("select count(*) from " + table + " where cache_id = " + cache.id()), table);
        }
        assertEquals(0, people.number("select paths + bytes from cache_usage where cache_id = " + cache.id()));
        with(owner).delete(address() + "?free=true").then().statusCode(403);
        with(admin()).delete(address() + "?free=true").then().statusCode(204);
        with(admin()).delete(address() + "?free=true").then().statusCode(404);
        with(owner)
                .body("{\"name\":\"" + cache.name() + "\"}")
                .post("/_api/v1/caches")
                .then()
                .statusCode(201)
                .body("publicKeys[0]", startsWith(cache.name() + ":"));
    }

    private void fill() {
        var shelf = new PortalFixture(cache.name(), recognition);
        shelf.put("lantern-1.0", PortalFixture.file("x".getBytes(StandardCharsets.UTF_8)));
        var drv = PortalFixture.path("lantern-1.0.drv");
        shelf.put(drv, PortalFixture.file("y".getBytes(StandardCharsets.UTF_8)), Optional.empty());
        shelf.log(drv, "built\n");
        people.run("""
                insert into import_run (cache_id, source, listing, trusted_keys, private_addresses, state, started_by)
                  values (%1$d, 'x', false, '{}', false, 'done', 'x');
                insert into import_path (run_id, hash_part)
                  select max(id), '%2$s' from import_run where cache_id = %1$d;
                insert into pin (cache_id, name, path_id) select %1$d, 'p', max(id) from path where cache_id = %1$d;
                insert into tombstone (cache_id, ecosystem, normalized, version, filename)
                  values (%1$d, 'nix', 'lantern', '0.9', '')""".formatted(cache.id(), HASH));
        assertEquals(1, people.number("select count(*) from package where cache_id = " + cache.id()));
    }

    @Test
    void existingCacheLosesNothing() {
        var shelf = new PortalFixture(cache.name(), recognition);
        var path = shelf.put("stays-1.0", PortalFixture.file("x".getBytes(StandardCharsets.UTF_8)));
        leaving.run();
        removal.run(Long.toString(cache.id()));
        with(reader)
                .get("/" + cache.name() + "/" + path.hash() + ".narinfo")
                .then()
                .statusCode(200);
    }
}
