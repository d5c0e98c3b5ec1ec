package dev.narthex.web.release;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.access.Action;
import dev.narthex.access.NamePattern;
import dev.narthex.access.Role;
import dev.narthex.access.Scope;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.ecosystem.support.StorePathFixture;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pushes without publish permission: their pages, and decisions of maintainers over the API. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ProposedReleasesTest {
    private static int caches;

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    private Cache cache;
    private PortalFixture pusher;
    private String maintainer;

    @BeforeEach
    void aCacheOfItsOwn() {
        cache = people.cache("proposals-" + ++caches, true);
        var pushes = Scope.of(List.of(NamePattern.ALL), Set.of(Action.PUSH));
        pusher = new PortalFixture(cache.name(), recognition, people.token(Optional.empty(), pushes));
        maintainer = member(Role.MAINTAINER);
    }

    private String member(Role role) {
        long person = people.person(false);
        people.member(cache, person, role);
        return people.token(person);
    }

    private static byte[] lantern(String version, String says) {
        return PortalFixture.tarball(
                "package.json",
                "{\"name\":\"lantern\",\"version\":\"" + version + "\",\"description\":\"" + says
                        + "\",\"dependencies\":{\"" + says + "\":\"^1.0.0\"}}");
    }

    private StorePath push(String as, byte[] tarball) {
        return pusher.put(PortalFixture.path(cache.name() + as), PortalFixture.file(tarball), Optional.empty());
    }

    private Response decide(String token, String release, String act, String body) {
        return given().header("Authorization", "Bearer " + token)
                .contentType("application/json")
                .urlEncodingEnabled(false)
                .body(body)
                .post("/_api/v1/" + cache.name() + "/releases/" + release + "/" + act);
    }

    private ValidatableResponse promote(StorePath path) {
        return decide(maintainer, "npm/lantern@1.0.0", "promote", "{\"path\":\"" + path.hash() + "\"}")
                .then();
    }

    private ValidatableResponse decline(String body) {
        return decide(maintainer, "npm/lantern@1.0.0", "decline", body).then();
    }

    private ValidatableResponse page(String below) {
        return given().accept("text/html").get("/" + cache.name() + below).then();
    }

    private ValidatableResponse twin(String below) {
        return given().get("/api/" + cache.name() + below).then();
    }

    private ValidatableResponse packument(String name) {
        return given().urlEncodingEnabled(false)
                .get("/registry/" + cache.name() + "/npm/" + name)
                .then();
    }

    private List<String> audit() {
        return people.column("select actor || ' ' || action || ' ' || object from audit where cache_id = " + cache.id()
                + " and allowed and (object like 'promote %' or object like 'decline %') order by id");
    }

    // ── what is seen ──

    @Test
    void proposedReleaseIsShownButNotServed() {
        push("lantern-1.0.0.tgz", lantern("1.0.0", "light"));
        packument("lantern").statusCode(404);
        page("/npm/lantern@1.0.0")
                .statusCode(200)
                .body(allOf(
                        containsString("1.0.0 is only proposed"),
                        containsString("The pusher may push paths, but not publish lantern."),
                        containsString("offers nothing under this name"),
                        containsString("One build"),
                        not(containsString("name=\"act\""))));
        twin("/npm/lantern@1.0.0")
                .body("head.released", equalTo(false))
                .body("waiting.why", equalTo("right"))
                .body("builds.results[0].builds[0].released", equalTo(false))
                .body("doors", hasSize(0));
        page("/npm/lantern@1.0.0/versions").body(containsString("Proposed"));
    }

    @Test
    void thePageSaysWhyItWaits() {
        automatic(false);
        new PortalFixture(cache.name(), recognition)
                .put(
                        PortalFixture.path(cache.name() + "one-1.0.0.tgz"),
                        PortalFixture.file(lantern("1.0.0", "light")),
                        Optional.empty());
        twin("/npm/lantern@1.0.0").body("waiting.why", equalTo("policy"));
        page("/npm/lantern@1.0.0").body(containsString("New versions in " + cache.name() + " wait."));
        automatic(true);
        twin("/npm/lantern@1.0.0").body("waiting.why", equalTo("before"));
        people.run("insert into tombstone (cache_id, ecosystem, normalised, version, filename) values (" + cache.id()
                + ", 'npm', 'lantern', '1.0.0', '')");
        twin("/npm/lantern@1.0.0").body("waiting.why", equalTo("deleted"));
        push("two.tgz", lantern("0.9.0", "light"));
        var publisher = new PortalFixture(cache.name(), recognition);
        publisher.put(
                PortalFixture.path(cache.name() + "three.tgz"),
                PortalFixture.file(lantern("0.8.0", "light")),
                Optional.empty());
        twin("/npm/lantern@0.9.0").body("waiting.instead", equalTo("0.8.0"));
        twin("/npm/lantern@0.8.0").body("waiting", nullValue());
    }

    private void automatic(boolean releases) {
        given().header("Authorization", "Bearer " + PortalFixture.token())
                .body("{\"automaticReleases\": " + releases + "}")
                .patch("/_api/v1/caches/" + cache.name())
                .then()
                .statusCode(200);
    }

    @Test
    void buildsAreGroupedByTheirBytes() {
        var newest = lantern("1.0.0", "dark");
        var twice = lantern("1.0.0", "light");
        push("a.tgz", twice);
        push("b.tgz", twice);
        push("c.tgz", newest);
        twin("/npm/lantern@1.0.0")
                .body("builds.count", equalTo(3))
                .body("builds.complete", equalTo(true))
                .body("builds.results.letter", contains("A", "B"))
                .body("builds.results[0].builds", hasSize(1))
                .body("builds.results[0].builds[0].newest", equalTo(true))
                .body("builds.results[0].builds[0].parts[0].length", equalTo(newest.length))
                .body("builds.results[1].builds", hasSize(2))
                .body("builds.results[1].builds[1].newest", equalTo(false));
        page("/npm/lantern@1.0.0")
                .body(allOf(
                        containsString("3 builds, 2 different results"),
                        containsString("2 builds, the same bytes"),
                        containsString("no references")));
    }

    @Test
    void aReleasedVersionShowsItsOtherBuildsToo() {
        var released = push("a.tgz", lantern("1.0.0", "light"));
        promote(released).statusCode(200);
        page("/npm/lantern@1.0.0").body(not(containsString("id=\"builds\"")));
        push("b.tgz", lantern("1.0.0", "dark"));
        page("/npm/lantern@1.0.0")
                .body(allOf(
                        containsString("2 builds, 2 different results"),
                        containsString("Clients get this"),
                        containsString("cannot replace it")));
        twin("/npm/lantern@1.0.0")
                .body("head.released", equalTo(true))
                .body("builds.results[0].builds[0].blocked", equalTo(true))
                .body("builds.results[1].builds[0].served", equalTo(true));
    }

    @Test
    void nixBuildsAreGroupedByDerivation() {
        for (int i = 1; i <= 2; i++) {
            var drv = PortalFixture.path(cache.name() + i + "lantern-1.0.drv").baseName();
            for (var output : List.of("lantern-1.0", "lantern-1.0-dev")) {
                var path = new StorePath(
                        PortalFixture.path(cache.name() + output + i).hash(), output);
                pusher.put(path, PortalFixture.file(output.getBytes()), Optional.of(drv));
            }
        }
        twin("/nix/lantern@1.0")
                .body("builds.count", equalTo(2))
                .body("builds.results", hasSize(1))
                .body("builds.results[0].letter", equalTo(""))
                .body("builds.results[0].builds[0].parts.output", contains("out", "dev"))
                .body("builds.results[0].builds[0].deriver", startsWith("/nix/store/"))
                .body("builds.results[0].builds[0].deriverUrl", equalTo(""));
        page("/nix/lantern@1.0").body(containsString("2 builds, all with the same bytes"));
        decide(maintainer, "nix/lantern@1.0", "promote", "{}").then().statusCode(400);
        var first = given().get("/api/" + cache.name() + "/nix/lantern@1.0").path("builds.results[0].builds[1].hash");
        decide(maintainer, "nix/lantern@1.0", "promote", "{\"path\":\"" + first + "\"}")
                .then()
                .statusCode(200)
                .body("changed", equalTo(true));
        twin("/nix/lantern@1.0")
                .body("head.released", equalTo(true))
                .body("builds.results[0].builds.released", contains(false, true))
                .body("builds.results[0].builds.served", contains(false, true))
                .body("outputs.findAll { it.released }.output", hasSize(2));
    }

    @Test
    void moreBuildsTakeNoMoreStatements() {
        for (int i = 0; i < 2; i++) {
            push(i + ".tgz", lantern("1.0.0", "light-" + i));
        }
        Runnable shown = () -> page("/npm/lantern@1.0.0").statusCode(200);
        shown.run();
        int few = RecordingDriver.ofRequests(shown).size();
        for (int i = 2; i < 60; i++) {
            push(i + ".tgz", lantern("1.0.0", "light-" + i));
        }
        shown.run();
        assertEquals(few, RecordingDriver.ofRequests(shown).size());
        twin("/npm/lantern@1.0.0").body("builds.count", equalTo(50)).body("builds.complete", equalTo(false));
        page("/npm/lantern@1.0.0").body(containsString("50+ builds"));
    }

    // ── what is decided ──

    @Test
    void aPromotedBuildIsServedAsItLies() {
        var tarball = lantern("1.0.0", "light");
        var path = push("lantern-1.0.0.tgz", tarball);
        decide(maintainer, "npm/lantern@1.0.0", "promote", "")
                .then()
                .statusCode(200)
                .body("release", equalTo("npm lantern@1.0.0"))
                .body("changed", equalTo(true));
        packument("lantern")
                .statusCode(200)
                .body("'dist-tags'.latest", equalTo("1.0.0"))
                .body("versions.'1.0.0'.dist.integrity", notNullValue());
        var served = given().get("/registry/" + cache.name() + "/npm/lantern/-/lantern-1.0.0.tgz");
        assertArrayEquals(tarball, served.asByteArray());
        promote(path).statusCode(200).body("changed", equalTo(false));
        decide(maintainer, "npm/lantern@1.0.0", "promote", "{}").then().body("changed", equalTo(false));
        assertEquals(1, audit().size());
        assertEquals(
                "promote npm lantern@1.0.0, " + path.baseName(),
                audit().getFirst().replaceFirst("\\S+ maintain ", ""));
        twin("/npm/lantern@1.0.0").body("head.released", equalTo(true)).body("waiting", nullValue());
    }

    @Test
    void metadataIsThatOfThePromotedBuild() {
        var first = push("a.tgz", lantern("1.0.0", "light"));
        push("b.tgz", lantern("1.0.0", "dark"));
        twin("/npm/lantern@1.0.0").body("head.summary", equalTo("dark"));
        promote(first).statusCode(200);
        packument("lantern")
                .body("versions.'1.0.0'.description", equalTo("light"))
                .body("versions.'1.0.0'.dependencies", equalTo(java.util.Map.of("light", "^1.0.0")));
    }

    @Test
    void aFileThatWasMadeOfATreeIsPromotedWithTheFactsOfThatTree() {
        tree("first", "stem");
        var first = given().get("/api/" + cache.name() + "/npm/pear@1.0.0").path("builds.results[0].builds[0].hash");
        tree("second", "core");
        packument("pear").statusCode(404);
        decide(maintainer, "npm/pear@1.0.0", "promote", "{\"path\":\"" + first + "\"}")
                .then()
                .statusCode(200);
        packument("pear")
                .statusCode(200)
                .body("versions.'1.0.0'.dependencies", equalTo(java.util.Map.of("stem", "^1.0.0")));
    }

    private void tree(String as, String needs) {
        var tree = new StorePathFixture()
                .file(
                        "lib/node_modules/pear/package.json",
                        "{\"name\":\"pear\",\"version\":\"1.0.0\",\"dependencies\":{\"" + needs + "\":\"^1.0.0\"}}")
                .file("lib/node_modules/pear/index.js", "module.exports = '" + needs + "'\n");
        pusher.put(PortalFixture.path(cache.name() + "-" + as + "-1.0.0"), tree::write, Optional.empty());
    }

    @Test
    void oneOfSeveralBuildsIsNamed() {
        var one = push("a.tgz", lantern("1.0.0", "light"));
        var other = push("b.tgz", lantern("1.0.0", "dark"));
        decide(maintainer, "npm/lantern@1.0.0", "promote", "{}")
                .then()
                .statusCode(400)
                .body("field", equalTo("path"))
                .body("detail", allOf(containsString(one.hash()), containsString(other.hash())));
        promote(one).statusCode(200);
        promote(other)
                .statusCode(409)
                .body("title", equalTo("Other bytes"))
                .body("detail", containsString("lantern-1.0.0.tgz"));
        decide(maintainer, "npm/lantern@1.0.0", "promote", "{}").then().statusCode(400);
        packument("lantern").body("versions.'1.0.0'.description", equalTo("light"));
    }

    @Test
    void declinedBuildIsNotProposedAgain() {
        var tarball = lantern("1.0.0", "light");
        var path = push("a.tgz", tarball);
        decline("")
                .statusCode(200)
                .body("changed", equalTo(true))
                .body("gone", equalTo(true))
                .body("paths", contains(path.hash()));
        page("/npm/lantern@1.0.0").statusCode(404);
        recognition.run(cache.name() + "/" + path.hash());
        var again = push("b.tgz", tarball);
        page("/npm/lantern@1.0.0").statusCode(404);
        twin("/path/" + path.hash()).body("notListed[0].reason", startsWith("A maintainer declined it on "));
        page("/path/" + path.hash()).body(containsString("Stored, not listed for npm"));
        given().get("/" + cache.name() + "/" + path.hash() + ".narinfo").then().statusCode(200);
        given().get("/" + cache.name() + "/" + again.hash() + ".narinfo").then().statusCode(200);
        decline("{}").statusCode(200).body("changed", equalTo(false));
        decline("{\"path\":\"" + path.hash() + "\"}").statusCode(200).body("changed", equalTo(false));
        assertEquals(1, audit().size());
        push("c.tgz", lantern("1.0.0", "dark"));
        page("/npm/lantern@1.0.0").statusCode(200).body(containsString("One build"));
    }

    @Test
    void aTreeThatWasDeclinedStaysAway() {
        tree("first", "stem");
        decide(maintainer, "npm/pear@1.0.0", "decline", "")
                .then()
                .statusCode(200)
                .body("gone", equalTo(true));
        tree("again", "stem");
        page("/npm/pear@1.0.0").statusCode(404);
        tree("other", "core");
        page("/npm/pear@1.0.0").statusCode(200);
    }

    @Test
    void oneBuildIsDeclined() {
        var bad = push("a.tgz", lantern("1.0.0", "dark"));
        var good = push("b.tgz", lantern("1.0.0", "light"));
        decline("{\"path\":\"" + bad.hash() + "\"}").statusCode(200).body("gone", equalTo(false));
        decide(maintainer, "npm/lantern@1.0.0", "promote", "")
                .then()
                .statusCode(200)
                .body("changed", equalTo(true));
        twin("/npm/lantern@1.0.0")
                .body("builds.count", equalTo(1))
                .body("builds.results[0].builds[0].hash", equalTo(good.hash()));
        decline("{}").statusCode(200).body("changed", equalTo(false));
        decline("{\"path\":\"" + good.hash() + "\"}").statusCode(409).body("title", equalTo("Not proposed"));
    }

    @Test
    void namesWithScopesAreFound() {
        var tarball = PortalFixture.tarball("package.json", "{\"name\":\"@harbour/buoy\",\"version\":\"1.0.0\"}");
        push("buoy-1.0.0.tgz", tarball);
        decide(maintainer, "npm/@harbour/buoy@1.0.0", "promote", "").then().statusCode(200);
        packument("@harbour%2fbuoy").statusCode(200);
    }

    // ── what is refused ──

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "npm/lantern@1.0.0 | {\"path\":\"x\"} | 400 | 32 characters",
                "npm/lantern@1.0.0 | {\"path\":7} | 400 | 32 characters",
                "npm/lantern@1.0.0 | {\"build\":\"x\"} | 400 | unknown member",
                "npm/lantern@1.0.0 | x | 400 | JSON",
                "npm/lantern@1.0.0 | {\"path\":\"00000000000000000000000000000000\"} | 404 | There is no build",
                "npm/lantern@9.0.0 | {} | 404 | There is no version",
                "npm/lantern@9.0.0 | {\"path\":\"00000000000000000000000000000000\"} | 404 | There is no version",
                "npm/none@1.0.0 | {} | 404 | There is no version",
                "none/lantern@1.0.0 | {} | 404 | There is no registry",
                "npm/lantern | {} | 404 | There is no release",
                "npm | {} | 404 | There is no release",
                "npm/lantern@1.0.0/files | {} | 404 | There is no release",
                "npm/lantern%ff@1%ff | {} | 404 | There is no version",
            })
    void whatIsWrongIsSaid(String release, String body, int status, String said) {
        push("a.tgz", lantern("1.0.0", "light"));
        for (var act : List.of("promote", "decline")) {
            decide(maintainer, release, act, body)
                    .then()
                    .statusCode(status)
                    .contentType("application/problem+json")
                    .body("detail", containsString(said));
        }
        twin("/npm/lantern@1.0.0").body("head.released", equalTo(false));
    }

    @Test
    void decisionsNeedMaintainPermission() {
        push("a.tgz", lantern("1.0.0", "light"));
        long owner = people.person(false);
        people.member(cache, owner, Role.OWNER);
        var narrow = new Scope(
                false,
                List.of(NamePattern.ALL),
                List.of(NamePattern.ALL),
                List.of(new NamePattern("other")),
                Set.of(Action.MAINTAIN));
        for (var token :
                List.of(member(Role.READER), member(Role.PUBLISHER), people.token(Optional.of(owner), narrow))) {
            for (var act : List.of("promote", "decline")) {
                decide(token, "npm/lantern@1.0.0", act, "").then().statusCode(403);
            }
        }
        decide("nrx_none", "npm/lantern@1.0.0", "promote", "").then().statusCode(401);
        given().post("/_api/v1/" + cache.name() + "/releases/npm/lantern@1.0.0/promote")
                .then()
                .statusCode(401);
        twin("/npm/lantern@1.0.0").body("head.released", equalTo(false));
        assertEquals(List.of(), audit());
    }
}
