package dev.narthex.web.diff;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.nix.StorePath;
import dev.narthex.web.page.Format;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two versions or two store paths are compared over HTTP. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class DiffPagesTest extends DiffPagesSetup {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/lookout/nix/beacon@1.0/diff/1.1",
                "/lookout/nix/beacon@1.1/diff/1.0",
                "/lookout/nix/beacon@latest/diff/latest",
                "/lookout/npm/skerry@1.0.0/diff/latest",
                "/lookout/pypi/buoy@1.0/diff/1.1",
                "/lookout/path/OLD/diff/NEW",
                "/lookout/path/SSL/diff/lookout-other/SSL",
                "/lookout/nix/beacon@1.1/versions",
                "/lookout/npm/skerry@1.1.0/versions",
            })
    void everyPageIsHtmlUnderAStrictPolicyAndHasAJsonTwin(String path) {
        var html = page(path)
                .statusCode(200)
                .contentType(startsWith("text/html"))
                .header("Content-Security-Policy", startsWith("default-src 'none'; style-src 'self';"))
                .header("Cache-Control", "no-cache")
                .body(containsString("noindex"))
                .extract();
        var text = html.asString();
        assertTrue(!text.contains(SCRIPT) && !text.contains("NOT_FOUND"), text);
        assertTrue(text.contains("href=\"/api" + filled(path) + "\""), text);
        browser()
                .header("If-None-Match", html.header("ETag"))
                .get(filled(path))
                .then()
                .statusCode(304);
        twin(path).statusCode(200).contentType("application/json");
    }

    @Test
    void fileDifferencesAreShownByKind() {
        var twin = twin("/lookout/nix/beacon@1.0/diff/1.1").body("same", equalTo(false));
        twin.body("files.added.files.path", equalTo(List.of("added.txt")))
                .body("files.removed.files.path", equalTo(List.of("removed.txt")))
                .body("files.unsure.files.path", equalTo(List.of("large")))
                .body("files.pathsOnly.files.path", equalTo(List.of("refers", "ssl")))
                .body("files.same", equalTo(1))
                .body("files.changed.files.path", equalTo(List.of("binary", "link", "mode", "share/beacon-1.1/README")))
                .body("files.changed.files.unshown", equalTo(List.of("binary", "kind", "mode", "")))
                .body("files.changed.files[3].pathInA", equalTo("share/beacon-1.0/README"))
                .body("files.changed.files[2].a.executable", equalTo(false))
                .body("files.changed.files[2].b.executable", equalTo(true))
                .body("files.changed.files[1].b.target", equalTo("there"))
                .body("files.a.files", equalTo(9))
                .body("files.b.files", equalTo(9));
        twin.body("files.changed.files[3].patch.removed", equalTo(1))
                .body("files.changed.files[3].patch.hunks[0].lines.mark", equalTo(List.of(" ", "-", "+", " ")))
                .body(
                        "files.changed.files[3].patch.hunks[0].lines.text",
                        equalTo(List.of("Beacon", "dark", "<b>lit</b>", SCRIPT)));
    }

    @Test
    void pageSummarizesTheDifference() {
        page("/lookout/nix/beacon@1.0/diff/1.1")
                .body(containsString("8 of 10 files differ, 1 more may, and the closure grew by "))
                .body(containsString("Executable now"))
                .body(containsString("<span class=\"del\">- dark</span>"))
                .body(containsString("<span class=\"add\">+ &lt;b&gt;lit&lt;/b&gt;</span>"))
                .body(containsString("They may differ"));
        page("/lookout/npm/skerry@1.0.0/diff/1.1.0")
                .body(containsString("1 of 2 files differs, 3 declared dependencies differ, and the download "));
        page("/lookout/nix/beacon@1.0/diff/1.0")
                .body(containsString("Both have the same bytes."))
                .body(not(containsString("<h2 id=\"fd\"")));
    }

    @Test
    void closuresAreComparedByPackageName() {
        twin("/lookout/path/OLD/diff/NEW")
                .body("closure.changes.name", equalTo(List.of("openssl", "beacon")))
                .body("closure.changes[0].a.paths.version", equalTo(List.of("3.4.2")))
                .body("closure.changes[0].b.paths.version", equalTo(List.of("3.4.3", "3.4.3-dev")))
                .body("closure.changes[0].rebuilt", equalTo(false))
                .body("closure.same", equalTo(1))
                .body("a.closure.paths", equalTo(3))
                .body("b.closure.paths", equalTo(4))
                .body("b.closure.complete", equalTo(true));
        page("/lookout/path/OLD/diff/NEW")
                .body(containsString("beacon-1.0 → beacon-1.1"))
                .body(containsString("/lookout/path/" + NEW_SSL.hash() + "\">3.4.3</a>"));
    }

    @Test
    void declaredDependenciesAreAddedRemovedAndChanged() {
        twin("/lookout/npm/skerry@1.0.0/diff/1.1.0")
                .body("dependencies.changes.name", equalTo(List.of("knot", "rope", "sail")))
                .body("dependencies.changes.what", equalTo(List.of("removed", "changed", "added")))
                .body("dependencies.changes[1].a", equalTo("^1.0.0"))
                .body("dependencies.changes[1].b", equalTo("^2.0.0"))
                .body("dependencies.same", equalTo(1))
                .body("a.licence", equalTo("MIT"))
                .body("b.licence", equalTo("ISC"));
        page("/lookout/npm/skerry@1.0.0/diff/1.1.0")
                .body(containsString(">License</th>"))
                .body(containsString("<span class=\"add\">+ &quot;version&quot;:&quot;1.1.0&quot;,</span>"));
        twin("/lookout/nix/beacon@1.0/diff/1.1").body("dependencies.count", equalTo(0));
    }

    @Test
    void versionedFolderNamesAreMatched() {
        twin("/lookout/pypi/buoy@1.0/diff/1.1")
                .body("files.added.count", equalTo(0))
                .body("files.removed.count", equalTo(0))
                .body("files.same", equalTo(2))
                .body(
                        "files.changed.files.path",
                        equalTo(List.of("buoy-1.1.dist-info/METADATA", "buoy-1.1.dist-info/RECORD")));
    }

    @Test
    void pathOfTwoCachesIsComparedByBytes() {
        twin("/lookout/path/SSL/diff/lookout-other/SSL")
                .body("same", equalTo(false))
                .body("a.label", equalTo(CACHE))
                .body("b.label", equalTo(OTHER))
                .body("backUrl", equalTo("/lookout-other/path/" + OLD_SSL.hash() + "/diff/lookout/" + OLD_SSL.hash()));
    }

    @Test
    void filesAndDependenciesDoNotAddStatements() {
        var shelf = new PortalFixture(CACHE, recognition);
        for (var version : List.of("1.0.0", "2.0.0")) {
            npmOf(shelf, "few", version, 1);
            npmOf(shelf, "many", version, 60);
        }
        assertEquals(statements("few"), statements("many"));
        twin("/lookout/npm/many@1.0.0/diff/2.0.0")
                .body("files.changed.count", equalTo(61))
                .body("files.changed.files.findAll { it.patch != null }.size()", equalTo(30))
                .body("files.changed.files.findAll { it.unshown == 'rest' }.size()", equalTo(31))
                .body("dependencies.count", equalTo(60));
    }

    private static void npmOf(PortalFixture shelf, String name, String version, int count) {
        var dependencies = new StringBuilder();
        var files = new String[2 * count + 2];
        for (int i = 0; i < count; i++) {
            dependencies.append(i == 0 ? "" : ",").append("\"needed-" + i + "\":\"" + version + "\"");
            files[2 * i + 2] = "file-" + i + ".js";
            files[2 * i + 3] = "version " + version + "\n";
        }
        files[0] = "package.json";
        files[1] =
                "{\"name\":\"" + name + "\",\"version\":\"" + version + "\",\"dependencies\":{" + dependencies + "}}";
        shelf.put(
                PortalFixture.path(name + "-" + version + ".tgz"),
                PortalFixture.file(PortalFixture.tarball(files)),
                Optional.empty());
    }

    /** Returns when nothing is pending in memory any more. */
    private static int statements(String name) {
        var path = "/lookout/npm/" + name + "@1.0.0/diff/2.0.0";
        page(path).statusCode(200);
        return RecordingDriver.ofRequests(() -> page(path).statusCode(200)).size();
    }

    private static final StorePath OLD_LOOM = PortalFixture.path("loom-1.0");
    private static final StorePath NEW_LOOM = PortalFixture.path("loom-1.1");
    private static final StorePath THREAD = PortalFixture.path("thread-2.drv");

    private static String recipe(StorePath output, String inputs, String args, String more) {
        return "Derive([(\"out\",\"" + output + "\",\"\",\"\")],[" + inputs
                + "],[],\"x86_64-linux\",\"/bin/sh\",[\"-e\"" + args + "],[" + more + ",(\"out\",\"" + output
                + "\"),(\"src\",\"" + PortalFixture.path("loom-src") + "\")])";
    }

    private static String inputs(StorePath... derivations) {
        return Stream.of(derivations)
                .map(drv -> "(\"" + drv + "\",[\"out\"])")
                .sorted()
                .collect(Collectors.joining(","));
    }

    /** Pushes a release with its derivation. */
    private static void built(PortalFixture shelf, StorePath output, String recipe) {
        var drv = PortalFixture.path(output.name() + ".drv");
        shelf.put(drv, file(recipe), Optional.empty());
        shelf.put(output, file("weaves " + output.name()), Optional.of(drv.baseName()));
    }

    @Test
    void derivationsOfTwoReleasesAreCompared() {
        var shelf = new PortalFixture(CACHE, recognition);
        shelf.put(THREAD, file("Derive([],[],[],\"x\",\"y\",[],[])"), Optional.empty());
        var old = inputs(PortalFixture.path("glibc-2.40.drv"), PortalFixture.path("thread-1.drv"));
        built(shelf, OLD_LOOM, recipe(OLD_LOOM, old, "", "(\"buildPhase\",\"make\\nmake check\\n\"),(\"gone\",\"1\")"));
        var fresh = inputs(PortalFixture.path("glibc-2.40.drv"), THREAD);
        built(
                shelf,
                NEW_LOOM,
                recipe(
                        NEW_LOOM,
                        fresh,
                        ",\"-x\"",
                        "(\"buildPhase\",\"make -j2\\nmake check\\n\"),(\"doc\",\"" + SCRIPT + "\")"));
        twin("/lookout/nix/loom@1.0/diff/1.1")
                .body("derivations.inputs.name", equalTo(List.of("thread")))
                .body("derivations.inputs[0].a.version", equalTo(List.of("1")))
                .body("derivations.inputs[0].b.version", equalTo(List.of("2")))
                .body("derivations.inputs[0].b[0].url", equalTo("/lookout/path/" + THREAD.hash()))
                .body("derivations.sameInputs", equalTo(1))
                .body("derivations.values.name", equalTo(List.of("", "out", "buildPhase", "doc", "gone")))
                .body("derivations.values[0].kind", equalTo("argument list"))
                .body("derivations.values[2].patch.removed", equalTo(1))
                .body("derivations.values[4].a", equalTo("1"))
                .body("derivations.sameValues", equalTo(1));
        page("/lookout/nix/loom@1.0/diff/1.1")
                .body(containsString("1 input, 5 other values changed"))
                .body(containsString("<span class=\"add\">+ make -j2</span>"))
                .body(containsString("<ins class=\"mono wrapany\">&lt;script&gt;"))
                .body(not(containsString(SCRIPT)));
        page("/lookout/path/" + OLD_LOOM.hash() + "/diff/" + OLD_LOOM.hash())
                .body(containsString(">the same derivation</a>"));
        page("/lookout/nix/beacon@1.0/diff/1.1").body(not(containsString("<h2 id=\"dr\"")));
    }

    @Test
    void versionsShowClosureSizesAndDiffLinks() {
        int before = given().get("/api/lookout/path/" + OLD.hash()).path("closure.closureSize");
        int after = given().get("/api/lookout/path/" + NEW.hash()).path("closure.closureSize");
        twin("/lookout/nix/beacon@1.1/versions")
                .body("lines.version", equalTo(List.of("1.1", "1.0")))
                .body("lines[0].closure.closureSize", equalTo(after))
                .body("lines[0].closure.paths", equalTo(4))
                .body("lines[0].closure.complete", equalTo(true))
                .body("lines[0].before.version", equalTo("1.0"))
                .body("lines[0].before.url", equalTo("/lookout/nix/beacon@1.0/diff/1.1"))
                .body("lines[0].before.change", equalTo(after - before))
                .body("lines[1].before", equalTo(null));
        page("/lookout/nix/beacon@1.1/versions")
                .body(containsString("<form class=\"form\" action=\"/diff\">"))
                .body(containsString("<option value=\"lookout/nix/beacon@1.0\" selected>"))
                .body(containsString("role=\"img\" aria-label=\"The closure size went from "))
                .body(containsString("came with 1.1"));
        int size = twin("/lookout/npm/skerry@1.1.0").extract().path("head.downloadSize");
        int old = twin("/lookout/npm/skerry@1.0.0").extract().path("head.downloadSize");
        twin("/lookout/npm/skerry@1.1.0/versions")
                .body("lines.size", equalTo(List.of(size, old)))
                .body("lines[0].before.change", equalTo(size - old));
        page("/lookout/npm/skerry@1.1.0/versions")
                .body(containsString("<br>" + Format.size(size) + "</span>"))
                .body(not(containsString(">Closure size</th>")))
                .body(containsString("aria-label=\"The download size went from "));
    }

    @Test
    void versionsDoNotAddStatements() {
        var shelf = new PortalFixture(CACHE, recognition);
        shelf.put(PortalFixture.path("lone-1.0"), file("one"), Optional.empty(), GLIBC);
        int before = versions();
        for (int i = 1; i < 30; i++) {
            shelf.put(PortalFixture.path("lone-1." + i), file("one more " + i), Optional.empty(), GLIBC);
        }
        assertEquals(before, versions());
        page("/lookout/nix/lone@latest/versions").body(containsString("lone@1.28/diff/1.29"));
    }

    private static int versions() {
        page("/lookout/nix/lone@latest/versions").statusCode(200);
        return RecordingDriver.ofRequests(
                        () -> page("/lookout/nix/lone@latest/versions").statusCode(200))
                .size();
    }
}
