package dev.narthex.web.release;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.nix.StorePath;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Pushes without publish permission: their pages, and decisions of maintainers over the API. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ProposedReleasesTest extends ProposedReleasesSetup {

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
    void pageExplainsWhyAReleaseIsProposed() {
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
        people.run("insert into tombstone (cache_id, ecosystem, normalized, version, filename) values (" + cache.id()
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
    void releasedVersionShowsOtherBuilds() {
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
    void buildsDoNotAddStatements() {
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
}
