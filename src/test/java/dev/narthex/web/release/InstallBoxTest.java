package dev.narthex.web.release;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.ecosystem.npm.PublishRequestFixture;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.search.support.IndexWaiter;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.Format;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The install box of package pages: its checks and sizes. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class InstallBoxTest {
    private static int caches;

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    private Cache cache;
    private PortalFixture shelf;

    @BeforeEach
    void aCacheOfItsOwn() {
        cache = people.cache("box-" + ++caches, true);
        shelf = new PortalFixture(cache.name(), recognition);
    }

    private ValidatableResponse page(String page) {
        return given().urlEncodingEnabled(false)
                .accept("text/html")
                .get("/" + cache.name() + "/" + page)
                .then();
    }

    private ValidatableResponse twin(String page) {
        return given().urlEncodingEnabled(false)
                .get("/api/" + cache.name() + "/" + page)
                .then();
    }

    private static PortalFixture.Content file(String text) {
        return PortalFixture.file(text.getBytes(StandardCharsets.UTF_8));
    }

    private StorePath npm(String name, String version, String dependencies) {
        var json =
                "{\"name\":\"" + name + "\",\"version\":\"" + version + "\",\"dependencies\":{" + dependencies + "}}";
        return shelf.put(
                PortalFixture.path(name + "-" + version + ".tgz"),
                PortalFixture.file(PortalFixture.tarball("package.json", json, "index.js", "x".repeat(2000))),
                Optional.empty());
    }

    private void wheel(String name, String tag, String requires) {
        var info = name + "-1.0.dist-info";
        shelf.put(
                PortalFixture.path(name + "-1.0-" + tag + ".whl"),
                PortalFixture.file(PortalFixture.wheel(
                        info,
                        name + "/__init__.py",
                        "lit = True\n",
                        info + "/METADATA",
                        "Metadata-Version: 2.1\nName: " + name + "\nVersion: 1.0\n" + requires,
                        info + "/WHEEL",
                        "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: " + tag + "\n")),
                Optional.empty());
    }

    @Test
    void npmPackageIsCompleteWithAllItsDependencies() {
        npm("skiff", "1.0.0", "\"oar\":\"^1.0.0\",\"rope\":\"*\"");
        npm("oar", "2.0.0", "");
        twin("npm/skiff")
                .body("doors[0].check.state", equalTo("incomplete"))
                .body("doors[0].check.unit", equalTo("packages"))
                .body("doors[0].check.missing.name", equalTo(List.of("oar", "rope")))
                .body("doors[0].check.missingCount", equalTo(2))
                .body("install.missing.name", equalTo(List.of("oar", "rope")));
        page("npm/skiff")
                .body(containsString("2 dependencies are missing from " + cache.name()))
                .body(containsString("so this command fails: "))
                .body(containsString("oar ^1.0.0"))
                .body(not(containsString("Complete in this cache: 1 package,")));
        npm("oar", "1.2.0", "");
        npm("rope", "3.0.0", "");
        var complete = twin("npm/skiff").body("doors[0].check.state", equalTo("complete"));
        complete.body("doors[0].check.count", equalTo(3));
        int size = complete.extract().path("doors[0].check.size");
        complete.body("install.size", equalTo(size));
        page("npm/skiff")
                .body(containsString("Complete in this cache: 3 packages, " + Format.size(size) + " unpacked"));
    }

    @Test
    void nixPackageIsCompleteWithItsClosure() {
        var glow = PortalFixture.path("glow-1.0");
        var lamp = PortalFixture.path("lamp-1.0");
        var whole = shelf.put("wick-1.0", file("wick"));
        page("nix/wick").body(containsString("Complete in this cache: 1 store path, closure size "));
        shelf.put(glow, file("glow"), Optional.empty(), whole);
        shelf.put(lamp, file("lamp"), Optional.empty(), glow);
        page("nix/lamp").body(containsString("Complete in this cache: 3 store paths"));
        people.run("delete from artifact where path_id in (select id from path where cache_id = " + cache.id()
                + " and name = 'glow-1.0')");
        people.run("delete from path where cache_id = " + cache.id() + " and name = 'glow-1.0'");
        shelf.put("other-1.0", file("a change, for the validator"));
        twin("nix/lamp")
                .body("doors[0].check.state", equalTo("incomplete"))
                .body("doors[0].check.unit", equalTo("store paths"))
                .body("doors[0].check.missing.name", equalTo(List.of("glow-1.0")));
        page("nix/lamp").body(containsString("1 store path is missing from " + cache.name()));
    }

    @Test
    void wheelLimitsAreShown() {
        wheel(
                "numbers",
                "cp313-cp313-linux_x86_64",
                "Requires-Dist: idna>=2\nRequires-Dist: six; python_version < '3'\n");
        twin("pypi/numbers")
                .body("doors[0].check.state", equalTo("incomplete"))
                .body("doors[0].check.missing.name", equalTo(List.of("idna")))
                .body("doors[0].limits", containsString("CPython 3.13 on linux_x86_64"));
        page("pypi/numbers").body(containsString("Only wheels for CPython 3.13 on linux_x86_64"));
        wheel("candle", "py3-none-any", "");
        twin("pypi/candle").body("doors[0].check.state", equalTo("complete")).body("doors[0].limits", equalTo(""));
        wheel("holder", "py3-none-any", "Requires-Dist: candle>=1\n");
        twin("pypi/holder").body("doors[0].check.state", equalTo("unknown"));
        page("pypi/holder")
                .body(containsString("matching versions of all"))
                .body(not(containsString("Complete in this cache: 2")));
    }

    @Test
    void nixCommandForAFileIsShown() {
        var path = npm("oar", "1.0.0", "");
        var doors = twin("npm/oar").body("doors.label", equalTo(List.of("npm", "Nix")));
        doors.body("doors[1].fileOnly", equalTo(true));
        String command = doors.extract().path("doors[1].commands[0].command");
        assertTrue(command.startsWith("nix-store --realise " + path + " --option extra-substituters http"), command);
        assertEquals(command, twin("path/" + path.hash()).extract().path("command"));
        page("npm/oar").body(containsString("Fetches the file as a store path, without dependencies."));
        shelf.put("lamp-1.0", file("lamp"));
        twin("nix/lamp").body("doors.label", equalTo(List.of("Nix"))).body("doors[0].fileOnly", equalTo(false));
    }

    @Test
    void sizesOfANixPathAgreeOnAllPages() {
        var glow = shelf.put("glow-1.0", file("glow".repeat(5000)));
        var lamp = PortalFixture.path("lamp-1.0");
        shelf.put(lamp, file("lamp".repeat(3000)), Optional.empty(), glow);
        var path = twin("path/" + lamp.hash()).extract();
        int closure = path.path("closure.closureSize");
        int nar = path.path("narSize");
        int download = path.path("downloadSize");
        assertTrue(closure > nar && nar > download, path.asString());
        var narinfo =
                given().get("/" + cache.name() + "/" + lamp.hash() + ".narinfo").asString();
        assertTrue(narinfo.contains("FileSize: " + download + "\n"), narinfo);
        assertTrue(narinfo.contains("NarSize: " + nar + "\n"), narinfo);
        twin("nix/lamp")
                .body("head.wholePath", equalTo(true))
                .body("head.downloadSize", equalTo(download))
                .body("closure.closureSize", equalTo(closure))
                .body("outputs[0].path.narSize", equalTo(nar))
                .body("doors[0].check.size", equalTo(closure));
        twin("nix/lamp@1.0/versions")
                .body("lines[0].size", equalTo(nar))
                .body("lines[0].closure.closureSize", equalTo(closure));
        for (var shown : List.of("nix/lamp", "path/" + lamp.hash())) {
            page(shown)
                    .body(containsString("Closure size"), containsString(Format.size(closure)))
                    .body(containsString("NAR size"), containsString(Format.size(nar)))
                    .body(containsString("Download size"), containsString(Format.size(download)))
                    .body(not(containsString("Unpacked")), not(containsString("to download")));
        }
    }

    // ── pushed and published packages ──

    @Test
    void pushedTarballIsNotShownAsPublished() {
        npm("oar", "1.0.0", "");
        twin("npm/oar").body("head.arrival", equalTo("pushed"));
        page("npm/oar")
                .body(
                        containsString("Pushed by"),
                        not(containsString("Published by")),
                        not(containsString("Published <time")));
        page("npm/oar@1.0.0/versions").body(containsString(">Pushed</th>"));
        page("npm/oar@1.0.0/provenance").body(not(containsString("Published")));
        given().header("Authorization", "Bearer " + PortalFixture.token())
                .contentType("application/json")
                .body(PublishRequestFixture.of("wharf", "1.0.0").body())
                .put("/registry/" + cache.name() + "/npm/wharf")
                .then()
                .statusCode(201);
        twin("npm/wharf").body("head.arrival", equalTo("published"));
        page("npm/wharf").body(containsString("Published by"));
        page("npm/wharf@1.0.0/versions").body(containsString(">Published</th>"));
    }

    // ── packages awaiting recognition ──

    /** Waits for the job that the push queued. */
    private static void awaitRecognition(Cache in, StorePath path) {
        IndexWaiter.until(
                () -> !given().header("Authorization", "Bearer " + PortalFixture.token())
                        .get("/api/" + in.name() + "/path/" + path.hash())
                        .<Boolean>path("recognizing"),
                Duration.ofSeconds(30));
    }

    /** A job that waits for an hour, so that recognition stays pending. */
    private void queue(Cache in, StorePath path, int failures) {
        awaitRecognition(in, path);
        people.run(
                "insert into scheduled_tasks (task_name, task_instance, execution_time, picked, consecutive_failures, version)"
                        + " values ('recognise', '" + in.name() + "/" + path.hash()
                        + "', now() + interval '1 hour', false, "
                        + failures + ", 1)");
    }

    @Test
    void pathThatAwaitsRecognitionIsShown() {
        var kite = shelf.put("kite-1.0.tgz", file("no tarball"));
        awaitRecognition(cache, kite);
        var absent = page("npm/kite").statusCode(404).header("Retry-After", equalTo(null));
        absent.body(not(containsString("being recognized")));
        queue(cache, kite, 0);
        page("npm/kite")
                .statusCode(404)
                .header("Refresh", "2")
                .header("Retry-After", "2")
                .header("Cache-Control", "no-store")
                .body(containsString("</bdi> is being recognized</h1>"))
                .body(containsString("/" + cache.name() + "/path/" + kite.hash()));
        page("npm/@sail/kite@1.0/files").statusCode(404).header("Refresh", "2");
        twin("npm/kite")
                .statusCode(404)
                .contentType("application/problem+json")
                .header("Retry-After", "2")
                .header("Cache-Control", "no-store")
                .body("recognizing.path", equalTo(List.of(kite.toString())));
        page("npm/kit").statusCode(404).header("Refresh", equalTo(null));
        page("path/" + kite.hash())
                .statusCode(200)
                .header("Cache-Control", "no-store")
                .body(containsString("Being recognized."));
        twin("path/" + kite.hash()).body("recognizing", equalTo(true));
        people.run("update scheduled_tasks set consecutive_failures = 1 where task_instance = '" + cache.name() + "/"
                + kite.hash() + "'");
        page("npm/kite").statusCode(404).header("Refresh", equalTo(null));
    }

    @Test
    void pendingRecognitionOfAPrivateCacheIsHidden() {
        var hidden = people.cache("box-hidden-" + caches, false);
        var kite = new PortalFixture(hidden.name(), recognition).put("kite-1.0.tgz", file("no tarball"));
        queue(hidden, kite, 0);
        given().accept("text/html")
                .get("/" + hidden.name() + "/npm/kite")
                .then()
                .statusCode(404)
                .header("Refresh", equalTo(null))
                .body(not(containsString("recognized")));
        given().accept("text/html")
                .header("Authorization", "Bearer " + PortalFixture.token())
                .get("/" + hidden.name() + "/npm/kite")
                .then()
                .statusCode(404)
                .header("Refresh", "2");
    }
}
