package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Edits of published versions: tags, deprecation and deletion. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NpmPackageEditsTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final ObjectMapper JSON = new ObjectMapper();

    @Inject
    AccessFixture people;

    private Cache cache;
    private String publisher;
    private String maintainer;

    @BeforeEach
    void aPackage() {
        cache = people.cache("dry-dock-" + NUMBERS.incrementAndGet(), true);
        publisher = member(Role.PUBLISHER);
        maintainer = member(Role.MAINTAINER);
        for (var version : List.of("1.0.0", "1.1.0")) {
            as(publisher)
                    .body(PublishRequestFixture.of("@boat/oar", version).body())
                    .put(at("@boat%2foar"))
                    .then()
                    .statusCode(201);
        }
    }

    private String member(Role role) {
        var person = people.person(false);
        people.member(cache, person, role);
        return people.token(person);
    }

    private String at(String path) {
        return "/registry/" + cache.name() + "/npm/" + path;
    }

    private static RequestSpecification as(String token) {
        return given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer " + token)
                .contentType("application/json");
    }

    private Response read() {
        return given().urlEncodingEnabled(false).get(at("@boat%2foar"));
    }

    /** The document as a client reads it before an edit. */
    private ObjectNode document() throws IOException {
        var answer = as(maintainer)
                .header("Accept", "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*")
                .get(at("@boat%2foar?write=true"));
        assertEquals("no-store", answer.header("Cache-Control"));
        return (ObjectNode) JSON.readTree(answer.asByteArray());
    }

    private ObjectNode document(Consumer<ObjectNode> change) throws IOException {
        var document = document();
        change.accept(document);
        return document;
    }

    private static ObjectNode version(ObjectNode document, String version) {
        return (ObjectNode) document.path("versions").path(version);
    }

    private Response send(ObjectNode document) {
        return as(maintainer).body(document.toString()).put(at("@boat%2foar"));
    }

    private String tags() {
        return given().urlEncodingEnabled(false)
                .get(at("-/package/@boat%2foar/dist-tags"))
                .asString();
    }

    private List<String> audit() {
        return people.column("select object from audit where allowed and action = 'maintain' and cache_id = "
                + cache.id() + " order by id");
    }

    @Test
    void maintainerSetsATag() {
        var tag = at("-/package/@boat%2foar/dist-tags/stable");
        as(maintainer).body("\"1.0.0\"").put(tag).then().statusCode(201);
        assertEquals("{\"latest\":\"1.1.0\",\"stable\":\"1.0.0\"}", tags());
        given().urlEncodingEnabled(false).get(at("@boat%2foar/stable")).then().body("version", equalTo("1.0.0"));
        as(maintainer).body("\"1.1.0\"").post(tag).then().statusCode(201);
        assertEquals("{\"latest\":\"1.1.0\",\"stable\":\"1.1.0\"}", tags());
        as(maintainer).delete(tag).then().statusCode(200);
        assertEquals("{\"latest\":\"1.1.0\"}", tags());
        as(maintainer).delete(tag).then().statusCode(404).body("error", containsString("stable"));
        assertEquals(
                List.of(
                        "tag stable of npm @boat/oar@1.0.0",
                        "tag stable of npm @boat/oar@1.1.0",
                        "untag stable of npm @boat/oar"),
                audit());
    }

    @Test
    void latestIsMovedAndNeverRemoved() {
        as(maintainer)
                .body("\"1.0.0\"")
                .put(at("-/package/@boat%2foar/dist-tags/latest"))
                .then()
                .statusCode(201);
        read().then().body("dist-tags.latest", equalTo("1.0.0"));
        as(maintainer)
                .delete(at("-/package/@boat%2foar/dist-tags/latest"))
                .then()
                .statusCode(403)
                .body("error", containsString("latest"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.x", "1.0.0", "v2", "x", "%20", "*", "%5e1"})
    void tagThatIsARangeIsRefused(String tag) {
        as(maintainer)
                .body("\"1.0.0\"")
                .put(at("-/package/@boat%2foar/dist-tags/" + tag))
                .then()
                .statusCode(400)
                .body("error", containsString("SemVer range"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1.0.0", "{}", "null", "[\"1.0.0\"]"})
    void tagNeedsAVersion(String body) {
        as(maintainer)
                .body(body)
                .put(at("-/package/@boat%2foar/dist-tags/stable"))
                .then()
                .statusCode(400)
                .body("error", containsString("version"));
    }

    @Test
    void absentVersionIsNotTagged() {
        as(maintainer)
                .body("\"9.0.0\"")
                .put(at("-/package/@boat%2foar/dist-tags/stable"))
                .then()
                .statusCode(404);
        as(maintainer)
                .body("\"1.0.0\"")
                .put(at("-/package/no-boat/dist-tags/stable"))
                .then()
                .statusCode(404);
        assertEquals("{\"latest\":\"1.1.0\"}", tags());
    }

    @Test
    void versionIsDeprecatedAndUndeprecated() throws IOException {
        send(document(d -> version(d, "1.0.0").put("deprecated", "it leaks")))
                .then()
                .statusCode(201);
        read().then()
                .body("versions.'1.0.0'.deprecated", equalTo("it leaks"))
                .body("versions.'1.1.0'", not(hasKey("deprecated")));
        send(document(d -> version(d, "1.0.0").put("deprecated", ""))).then().statusCode(201);
        read().then().body("versions.'1.0.0'", not(hasKey("deprecated")));
        assertEquals(List.of("deprecated npm @boat/oar@1.0.0", "no longer deprecated npm @boat/oar@1.0.0"), audit());
    }

    @Test
    void otherFieldsOfAVersionAreImmutable() throws IOException {
        List<Consumer<ObjectNode>> changes = List.of(
                d -> version(d, "1.0.0").putObject("scripts").put("install", "curl evil"),
                d -> version(d, "1.0.0").putObject("dependencies").put("evil", "*"),
                d -> version(d, "1.0.0").remove("bin"),
                d -> ((ObjectNode) version(d, "1.0.0").get("dist")).put("integrity", "sha512-evil"),
                d -> ((ObjectNode) d.get("versions")).remove("1.0.0"),
                d -> ((ObjectNode) d.get("versions")).set("2.0.0", version(d, "1.0.0")),
                d -> d.remove("versions"));
        var before = read().asString();
        for (var change : changes) {
            send(document(change)).then().statusCode(403);
        }
        send(document(d -> version(d, "1.0.0").put("deprecated", "y".repeat(1001))))
                .then()
                .statusCode(400);
        as(maintainer).body("{}").put(at("@boat%2foar")).then().statusCode(400);
        assertEquals(before, read().asString());
        assertEquals(List.of(), audit());
    }

    @Test
    void editOfAnOutdatedDocumentIsRefused() throws IOException {
        var stale = document(d -> version(d, "1.0.0").put("deprecated", "it leaks"));
        as(maintainer)
                .body("\"1.0.0\"")
                .put(at("-/package/@boat%2foar/dist-tags/stable"))
                .then()
                .statusCode(201);
        send(stale).then().statusCode(409).body("error", containsString("Document update conflict."));
        var revision = stale.path("_rev").asText();
        for (var bad : List.of(revision, "1-bogus", "x")) {
            as(maintainer).delete(at("@boat%2foar/-rev/" + bad)).then().statusCode(409);
            as(maintainer)
                    .body(stale.toString())
                    .put(at("@boat%2foar/-rev/" + bad))
                    .then()
                    .statusCode(409);
        }
        read().then().body("versions.size()", equalTo(2));
    }

    /** The steps of {@code npm unpublish @boat/oar@1.1.0}. */
    @Test
    void removedVersionReservesItsBytes() throws IOException {
        var document = document(d -> {
            ((ObjectNode) d.get("versions")).remove("1.1.0");
            ((ObjectNode) d.get("dist-tags")).put("latest", "1.0.0");
        });
        as(maintainer)
                .body(document.toString())
                .put(at("@boat%2foar/-rev/" + document.path("_rev").asText()))
                .then()
                .statusCode(201);
        var revision = document().path("_rev").asText();
        as(maintainer)
                .delete(at("@boat/oar/-/oar-1.1.0.tgz/-rev/" + revision))
                .then()
                .statusCode(200);
        read().then().body("versions.keySet()", equalTo(Set.of("1.0.0"))).body("dist-tags.latest", equalTo("1.0.0"));
        given().get(at("@boat/oar/-/oar-1.1.0.tgz")).then().statusCode(404);
        as(publisher)
                .body(PublishRequestFixture.of("@boat/oar", "1.1.0", Map.of("package/x.js", "1"))
                        .body())
                .put(at("@boat%2foar"))
                .then()
                .statusCode(403)
                .body("error", containsString("This version was removed"));
        as(publisher)
                .body(PublishRequestFixture.of("@boat/oar", "1.1.0").body())
                .put(at("@boat%2foar"))
                .then()
                .statusCode(201);
        read().then().body("versions.size()", equalTo(2));
        assertEquals(List.of("remove npm @boat/oar@1.1.0", "tag latest of npm @boat/oar@1.0.0"), audit());
    }

    @Test
    void tarballAloneIsNotRemoved() throws IOException {
        var revision = document().path("_rev").asText();
        as(maintainer)
                .delete(at("@boat/oar/-/oar-1.1.0.tgz/-rev/" + revision))
                .then()
                .statusCode(403);
        given().get(at("@boat/oar/-/oar-1.1.0.tgz")).then().statusCode(200);
    }

    @Test
    void removedPackageReservesItsName() throws IOException {
        var revision = document().path("_rev").asText();
        as(maintainer).delete(at("@boat%2foar/-rev/" + revision)).then().statusCode(201);
        read().then().statusCode(404);
        assertEquals(1, people.number("select count(*) from package where owned and cache_id = " + cache.id()));
        assertEquals(4, people.number("select count(*) from tombstone where cache_id = " + cache.id()));
        as(publisher)
                .body(PublishRequestFixture.of("@boat/oar", "1.0.0", Map.of("package/x.js", "1"))
                        .body())
                .put(at("@boat%2foar"))
                .then()
                .statusCode(403);
        as(publisher)
                .body(PublishRequestFixture.of("@boat/oar", "2.0.0").body())
                .put(at("@boat%2foar"))
                .then()
                .statusCode(201);
        read().then().body("versions.keySet()", equalTo(Set.of("2.0.0")));
    }

    @Test
    void publishersDoNotEditPublishedPackages() throws IOException {
        var document = document(d -> version(d, "1.0.0").put("deprecated", "it leaks"));
        var revision = document.path("_rev").asText();
        List<Response> answers = List.of(
                as(publisher).body(document.toString()).put(at("@boat%2foar")),
                as(publisher).body(document.toString()).put(at("@boat%2foar/-rev/" + revision)),
                as(publisher).delete(at("@boat%2foar/-rev/" + revision)),
                as(publisher).delete(at("@boat/oar/-/oar-1.1.0.tgz/-rev/" + revision)),
                as(publisher).body("\"1.0.0\"").put(at("-/package/@boat%2foar/dist-tags/stable")),
                as(publisher).delete(at("-/package/@boat%2foar/dist-tags/latest")));
        for (var answer : answers) {
            answer.then().statusCode(403).body("error", containsString("maintainer"));
        }
        assertEquals(revision, document().path("_rev").asText());
    }

    /** Each client reads, changes and sends, and repeats this after a conflict: no change is lost. */
    @Test
    void concurrentEditsAreAllApplied() throws Exception {
        var calls = new ArrayList<Callable<Integer>>();
        for (int i = 0; i < 8; i++) {
            var tag = "t" + i + "-tag";
            calls.add(() -> as(maintainer)
                    .body("\"1.0.0\"")
                    .put(at("-/package/@boat%2foar/dist-tags/" + tag))
                    .statusCode());
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var future : threads.invokeAll(calls)) {
                assertEquals(201, future.get());
            }
        }
        read().then().body("dist-tags.size()", equalTo(9));
    }
}
