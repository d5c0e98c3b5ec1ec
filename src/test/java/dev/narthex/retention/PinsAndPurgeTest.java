package dev.narthex.retention;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.nix.StorePath;
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
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pins, the page that explains why a path is kept, collection and purge. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PinsAndPurgeTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String LATER = "2099-01-01T00:00:00Z";

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    @Inject
    CacheGcJob job;

    private Cache cache;
    private PortalFixture shelf;
    private String owner;
    private String maintainer;

    @BeforeEach
    void aPublicCache() {
        cache = people.cache("keeping-" + NUMBERS.incrementAndGet(), true);
        shelf = new PortalFixture(cache.name(), recognition);
        owner = member(Role.OWNER);
        maintainer = member(Role.MAINTAINER);
    }

    private String member(Role role) {
        var person = people.person(false);
        people.member(cache, person, role);
        return people.token(person);
    }

    private static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token);
    }

    private String api(String below) {
        return "/_api/v1/" + cache.name() + below;
    }

    private StorePath push(String name, StorePath... references) {
        return shelf.put(
                PortalFixture.path(name),
                PortalFixture.file((cache.name() + name).getBytes(StandardCharsets.UTF_8)),
                Optional.empty(),
                references);
    }

    private Response pin(String token, String name, StorePath path, String more) {
        return with(token).body("{\"path\": \"" + path + "\"" + more + "}").put(api("/pins/" + name));
    }

    private String kept(StorePath path) {
        return "/api/" + cache.name() + "/path/" + path.hash() + "/kept";
    }

    private void keepAMonth() {
        with(owner)
                .body("{\"retention\": {\"days\": 30}}")
                .patch("/_api/v1/caches/" + cache.name())
                .then()
                .statusCode(200)
                .body("retention.days", equalTo(30));
    }

    private void age() {
        people.run(
                "update path set pushed_at = now() - interval '40 days', last_access = current_date - 40 where cache_id = "
                        + cache.id());
    }

    // ── pins ──

    @Test
    void maintainerCreatesAPinVisibleToReaders() {
        var lib = push("lib");
        var app = push("app", lib);
        pin(maintainer, "demo", app, ", \"reason\": \"the fair\", \"until\": \"" + LATER + "\"")
                .then()
                .statusCode(201)
                .body("path", equalTo(app.toString()));
        pin(maintainer, "demo", app, ", \"reason\": \"the fair\"").then().statusCode(200);
        given().get(api("/pins")).then().statusCode(200).body("pins.name", equalTo(List.of("demo")));
        given().get(api("/pins/demo"))
                .then()
                .body("reason", equalTo("the fair"))
                .body("until", equalTo(null));
        given().get(kept(lib))
                .then()
                .statusCode(200)
                .body("verdict", equalTo("for ever"))
                .body("reasons.pins.flatten().name", equalTo(List.of("demo")))
                .body("reasons[0].way.path", equalTo(List.of(app.toString(), lib.toString())));
        with(maintainer).delete(api("/pins/demo")).then().statusCode(204);
        with(maintainer).delete(api("/pins/demo")).then().statusCode(404);
        given().get(kept(lib)).then().body("reasons", hasSize(0));
        assertEquals(
                List.of("pin demo " + app.baseName(), "pin demo " + app.baseName(), "unpin demo " + app.baseName()),
                people.column("select object from audit where cache_id = " + cache.id()
                        + " and object like '%pin%' order by id"));
    }

    @Test
    void pinningNeedsPermission() {
        var app = push("app");
        pin(member(Role.PUBLISHER), "demo", app, "").then().statusCode(403);
        with(member(Role.READER)).delete(api("/pins/demo")).then().statusCode(403);
    }

    @Test
    void incompletePathIsNotPinned() {
        var lib = push("lib");
        var app = push("app", lib);
        people.run("delete from path where cache_id = " + cache.id() + " and hash_part = '" + lib.hash() + "'");
        pin(maintainer, "demo", app, "")
                .then()
                .statusCode(409)
                .body("title", equalTo("Incomplete closure"))
                .body("detail", containsString(lib.baseName()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "demo | {} | path | 400",
                "demo | {\"path\": \"/nix/store/x\"} | path | 400",
                "demo | {\"path\": \"00000000000000000000000000000000\"} | | 404",
                ".demo | {\"path\": \"00000000000000000000000000000000\"} | name | 400",
                "demo | {\"path\": \"00000000000000000000000000000000\", \"until\": \"2020-01-01T00:00:00Z\"} | until | 400",
                "demo | {\"path\": \"00000000000000000000000000000000\", \"until\": \"soon\"} | until | 400",
                "demo | {\"path\": \"00000000000000000000000000000000\", \"reason\": \"a\\nb\"} | reason | 400",
            })
    void invalidPinIsRefused(String name, String body, String field, int status) {
        var answer =
                with(maintainer).body(body).put(api("/pins/" + name)).then().statusCode(status);
        if (field != null) {
            answer.body("title", containsString(field));
        }
    }

    // ── collection ──

    @Test
    void retentionPageAgreesWithCollection() {
        keepAMonth();
        var lib = push("lib");
        var app = push("app", lib);
        var loose = push("loose");
        given().get(kept(lib)).then().body("verdict", equalTo("timed")).body("reasons[0].young", not(equalTo(null)));
        age();
        pin(maintainer, "demo", app, "").then().statusCode(201);
        given().get(kept(lib)).then().body("verdict", equalTo("held")).body("collected", equalTo(null));
        given().get(kept(loose)).then().body("verdict", equalTo("leaving")).body("collected", not(equalTo(null)));
        given().get("/" + cache.name() + "/path/" + loose.hash() + "/kept")
                .then()
                .statusCode(200)
                .body(allOf(containsString("Not kept"), not(containsString("For maintainers"))));
        with(maintainer)
                .accept("text/html")
                .get("/" + cache.name() + "/path/" + lib.hash() + "/kept")
                .then()
                .body(containsString("<strong>Pinned</strong> as <span class=\"wrapany\">demo</span>"));
        with(maintainer).post(api("/gc?dry-run=true")).then().statusCode(403);
        with(owner)
                .post(api("/gc?dry-run=true"))
                .then()
                .statusCode(200)
                .body("paths", equalTo(1))
                .body("list.path", equalTo(List.of(loose.toString())));
        with(owner)
                .accept("text/plain")
                .post(api("/gc?dry-run=true"))
                .then()
                .body(containsString(cache.name() + ": 1 paths"))
                .body(containsString("  " + loose + " "));
        job.run(CacheGcJob.key(cache.id(), ""));
        with(owner).get(api("/gc")).then().body("collections[0].paths", equalTo(1));
        given().get(kept(loose)).then().statusCode(404);
        given().get(kept(lib)).then().statusCode(200);
    }

    @Test
    void retentionPageRunsAFixedNumberOfStatements() {
        keepAMonth();
        var first = push("p0");
        int one = RecordingDriver.ofRequests(() -> given().get(kept(first))).size();
        var path = first;
        for (int i = 1; i < 12; i++) {
            path = push("p" + i, path);
        }
        assertEquals(
                one, RecordingDriver.ofRequests(() -> given().get(kept(first))).size(), 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"days\": 1} | days",
                "{\"days\": 30, \"versions\": -1} | versions",
                "{\"days\": 30, \"downloadedDays\": 1} | downloadedDays",
                "{\"days\": 30, \"downloadedDays\": 10000} | downloadedDays",
                "{\"versions\": 3} | retention.days",
            })
    void invalidRetentionRulesAreRefused(String rules, String field) {
        with(owner)
                .body("{\"retention\": " + rules + "}")
                .patch("/_api/v1/caches/" + cache.name())
                .then()
                .statusCode(400)
                .body("title", containsString(field));
    }

    @Test
    void nullRemovesTheRetentionPolicy() {
        retentionPolicyCanBeRemoved("null");
    }

    @Test
    void retentionPolicyCanBeRemoved() {
        retentionPolicyCanBeRemoved("{\"days\": 0}");
    }

    private void retentionPolicyCanBeRemoved(String retention) {
        keepAMonth();
        with(owner)
                .body("{\"retention\": " + retention + "}")
                .patch("/_api/v1/caches/" + cache.name())
                .then()
                .statusCode(200)
                .body("retention", equalTo(null));
    }

    @Test
    void queryForMissingPathsKeepsThePresentOnes() {
        var lib = push("lib");
        age();
        with(maintainer)
                .contentType("application/json")
                .body("{\"cache\": \"" + cache.name() + "\", \"store_path_hashes\": [\"" + lib.hash() + "\"]}")
                .post("/_api/v1/get-missing-paths")
                .then()
                .statusCode(200)
                .body("missing_paths", hasSize(0));
        assertEquals(
                1,
                people.number(
                        "select count(*) from path where last_access = current_date and cache_id = " + cache.id()));
    }

    // ── purge ──

    @Test
    void purgedSecretIsRemovedWithItsBytes() {
        var noise = new byte[100_000];
        new Random(cache.id()).nextBytes(noise);
        var secret = shelf.put(PortalFixture.path("secret"), PortalFixture.file(noise), Optional.empty());
        var app = push("app", secret);
        var narinfo = "/" + cache.name() + "/" + secret.hash() + ".narinfo";
        var nar = "/" + cache.name() + "/"
                + given().get(narinfo)
                        .asString()
                        .lines()
                        .filter(line -> line.startsWith("URL: "))
                        .findFirst()
                        .orElseThrow()
                        .substring(5);
        given().get(nar).then().statusCode(200);
        var address = api("/path/" + secret.hash());
        with(member(Role.PUBLISHER)).delete(address).then().statusCode(403);
        with(maintainer).delete(address).then().statusCode(409).body("detail", containsString(app.toString()));
        with(maintainer).delete(address + "?with=everything").then().statusCode(400);
        pin(maintainer, "demo", app, "").then().statusCode(201);
        with(maintainer)
                .delete(address + "?with=referrers")
                .then()
                .statusCode(409)
                .body("detail", containsString("demo"));
        var packs = "select count(*) from pack where domain_id = " + cache.domainId();
        assertEquals(1, people.number(packs));
        with(maintainer)
                .delete(address + "?with=referrers,pins")
                .then()
                .statusCode(200)
                .body("paths", hasItem(secret.toString()))
                .body("paths", hasItem(app.toString()))
                .body("bytesGone", equalTo(true));
        assertEquals(0, people.number(packs));
        given().get(narinfo).then().statusCode(404);
        given().get(nar).then().statusCode(404);
        given().get(kept(secret)).then().statusCode(404);
        given().get("/" + cache.name() + "/nar/" + secret.hash() + ".nar")
                .then()
                .statusCode(404);
        with(maintainer).delete(address).then().statusCode(404);
        assertEquals(0, people.number("select paths + bytes from cache_usage where cache_id = " + cache.id()));
    }

    @Test
    void purgedSecretIsRemovedWithItsRelease() {
        var name = "lantern-" + cache.name();
        var tarball = PortalFixture.tarball("package.json", "{\"name\":\"" + name + "\",\"version\":\"1.0.0\"}");
        var path = shelf.put(PortalFixture.path("lantern.tgz"), PortalFixture.file(tarball), Optional.empty());
        var page = "/api/" + cache.name() + "/npm/" + name + "@1.0.0";
        given().get(page).then().statusCode(200);
        given().get(kept(path)).then().body("reasons[0].releases.name", equalTo(List.of(name)));
        with(maintainer)
                .delete(api("/path/" + path.hash()))
                .then()
                .statusCode(409)
                .body("detail", containsString(name + "@1.0.0"));
        with(maintainer)
                .delete(api("/path/" + path.hash() + "?with=releases&reason=a key was in it"))
                .then()
                .statusCode(200)
                .body("releases", equalTo(List.of("npm " + name + "@1.0.0")));
        given().get(page).then().statusCode(410).body("detail", containsString("a key was in it"));
        given().get(kept(path)).then().statusCode(404);
    }

    @Test
    void ownersSetTheRetentionPolicy() {
        keepAMonth();
        var app = push("app");
        pin(maintainer, "demo", app, ", \"reason\": \"the fair\"").then().statusCode(201);
        with(owner)
                .accept("text/html")
                .get("/" + cache.name() + "/settings")
                .then()
                .statusCode(200)
                .body(allOf(
                        containsString("older than <strong>30 days"),
                        containsString("the fair"),
                        containsString("Collect " + cache.name() + " now")));
        with(owner)
                .get("/api/" + cache.name() + "/settings")
                .then()
                .body("keeping.days", equalTo("30"))
                .body("keeping.pins.name", equalTo(List.of("demo")));
    }
}
