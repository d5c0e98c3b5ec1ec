package dev.narthex.web.release;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
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
import dev.narthex.ecosystem.support.StorePathFixture;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Maintainers promote and decline proposed builds. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ProposalDecisionsTest extends ProposedReleasesSetup {

    private ValidatableResponse decline(String body) {
        return decide(maintainer, "npm/lantern@1.0.0", "decline", body).then();
    }

    private List<String> audit() {
        return people.column("select actor || ' ' || action || ' ' || object from audit where cache_id = " + cache.id()
                + " and allowed and (object like 'promote %' or object like 'decline %') order by id");
    }

    @Test
    void promotedBuildIsServedUnchanged() {
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
    void metadataComesFromThePromotedBuild() {
        var first = push("a.tgz", lantern("1.0.0", "light"));
        push("b.tgz", lantern("1.0.0", "dark"));
        twin("/npm/lantern@1.0.0").body("head.summary", equalTo("dark"));
        promote(first).statusCode(200);
        packument("lantern")
                .body("versions.'1.0.0'.description", equalTo("light"))
                .body("versions.'1.0.0'.dependencies", equalTo(java.util.Map.of("light", "^1.0.0")));
    }

    @Test
    void promotedDerivedFileHasTheFactsOfItsTree() {
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
    void choiceAmongBuildsIsRequired() {
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
    void declinedTreeIsNotProposedAgain() {
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
    void singleBuildIsDeclined() {
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
    void scopedNamesAreFound() {
        var tarball = PortalFixture.tarball("package.json", "{\"name\":\"@harbour/buoy\",\"version\":\"1.0.0\"}");
        push("buoy-1.0.0.tgz", tarball);
        decide(maintainer, "npm/@harbour/buoy@1.0.0", "promote", "").then().statusCode(200);
        packument("@harbour%2fbuoy").statusCode(200);
    }

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
    void invalidDecisionIsExplained(String release, String body, int status, String said) {
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
