package dev.narthex.web;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.search.support.IndexWaiter;
import dev.narthex.store.DedupDomains;
import dev.narthex.web.page.Format;
import dev.narthex.web.page.PageLayout;
import dev.narthex.web.page.Templates;
import dev.narthex.web.support.PortalFixture;
import dev.narthex.web.view.HomeView;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages and their twins over HTTP, on paths that were pushed as nix pushes them. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PageServiceTest {
    private static final String CACHE = "gallery";
    private static final String VAULT = "gallery-vault";
    private static final String SCRIPT = "<script>alert(1)</script>";
    private static final StorePath RECIPE = PortalFixture.path("lantern-3.2.1.drv");
    private static final StorePath LIBRARY = PortalFixture.path("glow-1.0");
    private static final StorePath LANTERN = PortalFixture.path("lantern-3.2.1");
    private static final StorePath SECRET = PortalFixture.path("secret-1.0");
    private static final StorePath TARBALL = PortalFixture.path("wick-2.0.0.tgz");

    private static boolean filled;

    @Inject
    ChangeLog changes;

    @Inject
    PackageSearchIndex index;

    @Inject
    CacheCatalog caches;

    @Inject
    DedupDomains domains;

    @Inject
    ReleaseRecognition recognition;

    @BeforeEach
    void fill() {
        if (!filled) {
            filled = true;
            shelve();
        }
        IndexWaiter.await(index, changes);
    }

    private void shelve() {
        QuarkusTransaction.requiringNew().run(() -> {
            caches.create(CACHE, "Pictures " + SCRIPT, true, domains.create());
            caches.create(VAULT, "", false, domains.create());
        });
        var shelf = new PortalFixture(CACHE, recognition);
        new PortalFixture(VAULT, recognition)
                .put(SECRET, PortalFixture.file("hidden".getBytes(StandardCharsets.UTF_8)), Optional.empty());
        shelf.put(LIBRARY, PortalFixture.file("light".getBytes(StandardCharsets.UTF_8)), Optional.empty());
        shelf.put(RECIPE, PortalFixture.file(recipe().getBytes(StandardCharsets.UTF_8)), Optional.empty(), LIBRARY);
        shelf.put(LANTERN, PageServiceTest::tree, Optional.of(RECIPE.baseName()), LIBRARY, LANTERN);
        shelf.log(RECIPE, "Running phase: buildPhase\n\u001b[31mred" + SCRIPT + "\u001b[0m\n");
        shelf.put(
                TARBALL,
                PortalFixture.file(PortalFixture.tarball(
                        "package.json",
                        "{\"name\":\"wick\",\"version\":\"2.0.0\",\"description\":\"" + SCRIPT
                                + "\",\"license\":\"MIT\","
                                + "\"homepage\":\"javascript:alert(1)\",\"dependencies\":{\"tallow\":\"^1.0.0\"}}",
                        "README.md",
                        "# Wick\n\n[notes](notes.md) " + SCRIPT,
                        "notes.md",
                        "burns " + SCRIPT)),
                Optional.empty());
        npm(shelf, "tub", "1.0.0", "");
        npm(shelf, "tub", "2.0.0-rc.1", "");
        npm(shelf, "oar", "1.0.0", "\"dependencies\":{\"rope\":\"^1.0.0\"}");
        npm(shelf, "rope", "1.0.0", "");
        npm(shelf, "rope", "1.1.0", "\"peerDependencies\":{\"knot\":\"*\"}");
        npm(shelf, "rope", "2.0.0", "");
        npm(shelf, "grip", "1.0.0", "");
        npm(
                shelf,
                "skiff",
                "1.0.0",
                "\"dependencies\":{\"oar\":\"1.x\",\"rope\":\"^1\"},\"optionalDependencies\":{\"grip\":\"*\"},"
                        + "\"peerDependencies\":{\"sea\":\"*\"},\"devDependencies\":{\"rope\":\"^3\"},"
                        + "\"scripts\":{\"postinstall\":\"echo '" + SCRIPT + "'\",\"test\":\"node test\"}");
        shelf.put(
                PortalFixture.path("candle_stick-1.0-py3-none-any.whl"),
                PortalFixture.file(PortalFixture.wheel(
                        "candle_stick-1.0.dist-info",
                        "candle_stick/__init__.py",
                        "lit = True\n",
                        "candle_stick-1.0.dist-info/METADATA",
                        "Metadata-Version: 2.1\nName: Candle_Stick\nVersion: 1.0\n",
                        "candle_stick-1.0.dist-info/WHEEL",
                        "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")),
                Optional.empty());
    }

    private static void npm(PortalFixture shelf, String name, String version, String more) {
        var json =
                "{\"name\":\"" + name + "\",\"version\":\"" + version + "\"" + (more.isEmpty() ? "" : "," + more) + "}";
        shelf.put(
                PortalFixture.path(name + "-" + version + ".tgz"),
                PortalFixture.file(PortalFixture.tarball("package.json", json, "index.js", "x".repeat(1000))),
                Optional.empty());
    }

    private static void tree(NarWriter nar) throws IOException {
        nar.directory(new byte[0]);
        PortalFixture.file(nar, "README", "plain " + SCRIPT + "\nsecond line\n");
        nar.symlink(bytes("away"), bytes("/etc/passwd"));
        nar.directory(bytes("bin"));
        nar.symlink(bytes("lit"), bytes("../README"));
        nar.symlink(bytes("out"), bytes("../../../etc/passwd"));
        nar.endDirectory();
        nar.directory(bytes("deep"));
        nar.directory(bytes("deeper"));
        PortalFixture.file(
                nar, "guide.md", "# Guide\n[up](../../README) [top](/page.html) [out](../../../secret) " + SCRIPT);
        PortalFixture.file(nar, "odd name?#.txt", "found");
        nar.endDirectory();
        nar.endDirectory();
        PortalFixture.file(nar, "page.html", "<html>" + SCRIPT);
        PortalFixture.file(nar, "picture.svg", "<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + "</svg>");
        nar.regular(new byte[] {'z', (byte) 0xff}, false, 2, new ByteArrayInputStream(new byte[] {0, 1}));
        nar.endDirectory();
    }

    private static String recipe() {
        return "Derive([(\"out\",\"" + LANTERN + "\",\"\",\"\")],[],[\"" + LIBRARY
                + "\"],\"x86_64-linux\",\"/bin/sh\",[]," + "[(\"name\",\"lantern-3.2.1\"),(\"note\",\"" + SCRIPT
                + "\"),(\"urls\",\"https://example.org/lantern.tgz\")])";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static RequestSpecification browser() {
        return given().redirects().follow(false).urlEncodingEnabled(false).header("Accept", "text/html,*/*;q=0.8");
    }

    private static ValidatableResponse page(String path) {
        return browser().get(path).then();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/caches",
                "/search?q=lantern",
                "/gallery",
                "/gallery/nix",
                "/gallery/nix?sort=newest&page=1",
                "/gallery/nix/lantern",
                "/gallery/nix/lantern@3.2.1",
                "/gallery/nix/lantern@latest/versions",
                "/gallery/nix/lantern@3.2.1/dependencies",
                "/gallery/nix/lantern@3.2.1/dependents",
                "/gallery/nix/lantern@3.2.1/files",
                "/gallery/nix/lantern@3.2.1/files/README",
                "/gallery/nix/lantern@3.2.1/derivation",
                "/gallery/nix/lantern@3.2.1/provenance",
                "/gallery/nix/lantern@3.2.1/security",
                "/gallery/npm/skiff@1.0.0/security",
                "/gallery/npm/wick@2.0.0/provenance",
                "/gallery/npm/wick",
                "/gallery/npm/skiff",
                "/gallery/npm/skiff@1.0.0/dependencies",
                "/gallery/npm/tub@latest/versions",
                "/gallery/npm/wick@2.0.0/files",
                "/gallery/npm/wick@2.0.0/files/package/notes.md",
                "/gallery/pypi/candle-stick@1.0/files/candle_stick/__init__.py",
                "PATH",
                "PATH/closure",
                "PATH/referrers",
                "PATH/files",
                "PATH/files/bin/lit",
                "PATH/files/z%FF",
                "PATH/files/deep/deeper/guide.md",
                "PATH/files/deep/deeper/guide.md?source",
                "PATH/files/picture.svg",
                "PATH/files/picture.svg?source",
                "PATH/derivation",
                "PATH/log",
            })
    void everyPageIsHtmlUnderAStrictPolicyAndHasAJsonTwin(String template) {
        var path = template.replace("PATH", "/gallery/path/" + LANTERN.hash());
        var html = page(path)
                .statusCode(200)
                .contentType(startsWith("text/html"))
                .header("Content-Security-Policy", startsWith("default-src 'none'; style-src 'self';"))
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "same-origin")
                .header("Cache-Control", "no-cache")
                .header("ETag", startsWith("W/\""))
                .extract();
        var text = html.asString();
        assertTrue(!text.contains(SCRIPT) && !text.contains("NOT_FOUND") && !text.contains("javascript:"), text);
        assertTrue(text.contains("href=\"/api" + path.replace("&", "&amp;") + "\""), text);
        browser().header("If-None-Match", html.header("ETag")).get(path).then().statusCode(304);
        given().urlEncodingEnabled(false)
                .get("/api" + path)
                .then()
                .statusCode(200)
                .contentType("application/json");
    }

    @Test
    void homeCountsWhatItsReaderMaySee() {
        var open = given().get("/api/").then().extract();
        var all = given().header("Authorization", "Bearer " + PortalFixture.token())
                .get("/api/")
                .then()
                .extract();
        assertTrue(open.<Integer>path("held.paths") > 5 && open.<Integer>path("held.packages") > 5, open.asString());
        assertTrue(open.<Integer>path("held.caches") < all.<Integer>path("held.caches"), open.asString());
        page("/").body(containsString(Format.count(open.<Integer>path("held.paths")) + " store paths"));
        page("/caches").body(containsString(", last push "));
    }

    @Test
    void aServerWithoutCachesSaysHowToMakeOne() {
        var nothing =
                new HomeView(Optional.empty(), new HomeView.StoreTotals(0, 0, 0), List.of(), List.of(), List.of());
        var frame = new PageLayout("/", "", "", PageLayout.AlternateForms.NONE, PageLayout.SignInState.NONE);
        var html = Templates.home(frame, nothing, List.of(), "https://narthex.example.org")
                .render();
        assertTrue(html.contains("_api/<wbr>v1/<wbr>caches <span class=\"k\">-d</span>"), html);
        assertTrue(html.contains("'{\"name\": \"main\", \"public\": true}'"), html);
        assertTrue(html.contains("<wbr>narthex.example.org/main?compression=zstd'"), html);
    }

    @Test
    void headSaysTheSameAsGet() {
        browser()
                .head("/gallery")
                .then()
                .statusCode(200)
                .contentType(startsWith("text/html"))
                .header("Content-Length", notNullValue());
    }

    @Test
    void aPackagePageSaysWhatWasBuiltFromWhatAndHowToGetIt() {
        page("/gallery/nix/lantern")
                .body(containsString("/gallery/path/" + LANTERN.hash()))
                .body(containsString("nix-store"))
                .body(containsString("Closure size: "))
                .body(containsString("in 2 paths"))
                .body(containsString("/gallery/path/" + LANTERN.hash() + "/log"))
                .body(containsString("/gallery/nix/lantern@3.2.1/derivation"));
        page("/gallery/nix/lantern@3.2.1/derivation")
                .body(containsString("href=\"https://example.org/lantern.tgz\" rel=\"nofollow ugc noopener\""))
                .body(containsString("href=\"/gallery/path/" + LIBRARY.hash() + "\""));
        page("/gallery/npm/wick")
                .body(containsString("<h2 id=\"readme-wick\">Wick</h2>"))
                .body(containsString("href=\"/gallery/npm/wick&#64;2.0.0/files/package/notes.md\""))
                .body(containsString("npm install"))
                .body(containsString("MIT"));
        page("/gallery/npm/wick@2.0.0/dependencies")
                .body(allOf(containsString("tallow"), containsString("^1.0.0"), containsString("not in this cache")));
    }

    // ── npm ──

    @Test
    void installingIsWeighedWithWhatTheCacheHasForIt() {
        var own = given().get("/api/gallery/npm/skiff").then();
        int size = own.extract().path("details.unpackedSize");
        int oar = given().get("/api/gallery/npm/oar").path("details.unpackedSize");
        int rope = given().get("/api/gallery/npm/rope@1.1.0").path("details.unpackedSize");
        int grip = given().get("/api/gallery/npm/grip").path("details.unpackedSize");
        own.body("details.files", equalTo(2))
                .body("install.size", equalTo(size + oar + rope))
                .body("install.dependencies", equalTo(2))
                .body("install.parts.name", equalTo(List.of("skiff", "oar", "rope")))
                .body("install.parts.version", equalTo(List.of("1.0.0", "1.0.0", "1.1.0")))
                .body("install.missing.size()", equalTo(0))
                .body("install.optional", equalTo(1))
                .body("install.optionalSize", equalTo(grip))
                .body("install.beside", equalTo(List.of("sea")))
                .body("install.complete", equalTo(true));
        page("/gallery/npm/skiff")
                .body(containsString(
                        "Install size: " + Format.size(size + oar + rope) + " unpacked, with 2 dependencies"))
                .body(containsString("href=\"/gallery/npm/rope@1.1.0\">rope 1.1.0</a>"))
                .body(containsString("in 1 optional package, on systems that"));
        page("/gallery/npm/grip")
                .body(containsString("Install size: " + Format.size(grip) + " unpacked, no dependencies"));
        page("/gallery/nix/lantern").body(not(containsString("Install size")));
    }

    @Test
    void missingPathsAreMarked() {
        given().get("/api/gallery/npm/wick")
                .then()
                .body("install.missing.name", equalTo(List.of("tallow")))
                .body("install.missing.range", equalTo(List.of("^1.0.0")));
        page("/gallery/npm/wick")
                .body(containsString("Install size: unknown"))
                .body(containsString("One dependency is missing from gallery"))
                .body(containsString("tallow ^1.0.0"));
        var why = "The cache gallery lacks it, and wick depends on it";
        given().get("/registry/gallery/npm/tallow").then().statusCode(404).body("error", containsString(why));
        page("/gallery/npm/tallow").statusCode(404).body(containsString(why));
        given().get("/api/gallery/npm/tallow").then().statusCode(404).body("detail", containsString(why));
        given().get("/registry/" + VAULT + "/npm/tallow")
                .then()
                .statusCode(401)
                .body("error", not(containsString("wick")));
    }

    @Test
    void dependenciesShowTheVersionThatIsChosen() {
        given().get("/api/gallery/npm/skiff@1.0.0/dependencies")
                .then()
                .body("resolvable", equalTo(true))
                .body("declared.name", equalTo(List.of("oar", "rope", "rope", "sea", "grip")))
                .body("declared.resolved", equalTo(List.of("1.0.0", "1.1.0", "", "", "1.0.0")));
        page("/gallery/npm/skiff@1.0.0/dependencies")
                .body(containsString("href=\"/gallery/npm/rope@1.1.0\">1.1.0</a>"))
                .body(containsString("no matching version"))
                .body(containsString("not in this cache"));
        given().get("/api/gallery/pypi/candle-stick@1.0/dependencies").then().body("resolvable", equalTo(false));
    }

    @Test
    void tagsNameTheirVersionsAndLatestIsThereWithoutHavingBeenSet() {
        given().get("/api/gallery/npm/tub@latest/versions")
                .then()
                .body("head.version", equalTo("1.0.0"))
                .body("tags.name", equalTo(List.of("latest")))
                .body("lines.find { it.version == '1.0.0' }.tags", equalTo(List.of("latest")));
        for (var tag : List.of("beta", "stable")) {
            tag(tag, "2.0.0-rc.1");
        }
        tag("latest", "2.0.0-rc.1");
        given().get("/api/gallery/npm/tub")
                .then()
                .body("head.version", equalTo("2.0.0-rc.1"))
                .body("head.defaultVersion", equalTo("2.0.0-rc.1"))
                .body("tags.name", equalTo(List.of("latest", "beta", "stable")))
                .body("tags[0].url", equalTo("/gallery/npm/tub@2.0.0-rc.1"));
        page("/gallery/npm/tub").body(containsString("<span class=\"badge\">stable</span>"));
        page("/gallery/npm/tub@1.0.0").body(containsString("Latest is 2.0.0-rc.1"));
        page("/gallery/npm/tub@1.0.0/versions")
                .body(containsString("<span class=\"badge\">stable</span><a class=\"mono\""));
        given().get("/api/gallery/nix/lantern").then().body("tags.size()", equalTo(0));
    }

    private static void tag(String tag, String version) {
        given().header("Authorization", "Bearer " + PortalFixture.token())
                .contentType("application/json")
                .body("\"" + version + "\"")
                .put("/registry/gallery/npm/-/package/tub/dist-tags/" + tag)
                .then()
                .statusCode(201);
    }

    @Test
    void scriptsAndSignatureAreShown() {
        page("/gallery/npm/skiff")
                .body(containsString("Runs install scripts"))
                .body(containsString("<span class=\"quiet\">postinstall</span> <code>echo &#39;&lt;script&gt;"))
                .body(containsString("<span class=\"quiet\">test</span> <code>node test</code>"))
                .body(containsString("npm audit signatures"));
        page("/gallery/npm/oar").body(not(containsString("Runs install scripts")), not(containsString("npm scripts")));
        String key = given().get("/api/gallery/npm/skiff").path("details.signature.keyId");
        String keys = given().get("/api/gallery/npm/skiff").path("details.signature.keys");
        given().get(URI.create(keys).getPath()).then().body("keys.keyid", equalTo(List.of(key)));
        given().get("/registry/gallery/npm/skiff")
                .then()
                .body("versions.'1.0.0'.dist.signatures[0].keyid", equalTo(key));
    }

    @Test
    void moreThatComesAlongTakesNoMoreStatements() {
        var shelf = new PortalFixture(CACHE, recognition);
        npm(shelf, "fleet", "1.0.0", "\"dependencies\":{\"rope\":\"1\"}");
        for (int i = 0; i < 12; i++) {
            npm(shelf, "fleet-" + i, "1.0.0", "\"dependencies\":{\"fleet-" + (i + 1) + "\":\"1\",\"rope\":\"2\"}");
        }
        npm(shelf, "fleet", "2.0.0", "\"dependencies\":{\"fleet-0\":\"1\",\"rope\":\"1\"}");
        for (var tab : List.of("", "/provenance", "/security")) {
            assertEquals(statements("1.0.0" + tab), statements("2.0.0" + tab), tab);
        }
        given().get("/api/gallery/npm/fleet@2.0.0")
                .then()
                .body("install.dependencies", equalTo(14))
                .body("install.missing.name", equalTo(List.of("fleet-12")))
                .body("install.others", equalTo(9));
    }

    /** After what memory keeps is kept. */
    private static int statements(String version) {
        fleet(version);
        return RecordingDriver.ofRequests(() -> fleet(version)).size();
    }

    private static void fleet(String version) {
        page("/gallery/npm/fleet@" + version).statusCode(200);
    }

    @Test
    void aRelativeLinkOfAReadmeFindsItsFile() {
        page("/gallery/npm/wick@2.0.0/files/notes.md")
                .statusCode(303)
                .header("Location", containsString("/gallery/npm/wick@2.0.0/files/package/notes.md"));
    }

    @Test
    void theTwinSaysWhatThePageShows() {
        given().get("/api/gallery").then().body("publicKeys", hasItem(startsWith("gallery:")));
        given().get("/api/gallery/nix/lantern")
                .then()
                .body("head.version", equalTo("3.2.1"))
                .body("closure.paths", equalTo(2));
        given().get("/api/gallery/path/" + LANTERN.hash())
                .then()
                .body("head.path", equalTo(LANTERN.toString()))
                .body("references.name", hasItem("glow-1.0"));
    }

    @Test
    void aPrivateCacheAnswersAsOneThatIsNotThere() {
        var secret = page("/" + VAULT + "/path/" + SECRET.hash())
                .statusCode(404)
                .extract()
                .asString();
        var absent = page("/gallery-ghost/path/" + SECRET.hash())
                .statusCode(404)
                .extract()
                .asString();
        assertEquals(absent.replace("gallery-ghost", VAULT), secret);
        page("/search?q=secret").body(not(containsString(SECRET.hash())));
        page("/search?q=" + SECRET.hash()).statusCode(200);
        page("/").body(not(containsString(VAULT)));
        browser()
                .header("Authorization", "Bearer " + PortalFixture.token())
                .get("/" + VAULT + "/path/" + SECRET.hash())
                .then()
                .statusCode(200);
    }

    @Test
    void bytesOfFilesNeverRunOnThisSite() {
        var files = "/gallery/path/" + LANTERN.hash() + "/files/";
        for (var file : new String[] {"page.html", "picture.svg", "README", "z%FF"}) {
            page(files + file + "?raw")
                    .statusCode(200)
                    .header("Content-Security-Policy", "sandbox; default-src 'none'")
                    .header("X-Content-Type-Options", "nosniff");
        }
        page(files + "page.html?raw").contentType("text/plain; charset=utf-8");
        page(files + "picture.svg?raw").header("Content-Disposition", startsWith("attachment"));
        page(files + "z%FF?raw")
                .contentType("application/octet-stream")
                .header("Content-Disposition", startsWith("attachment"))
                .header("Content-Length", "2");
        browser()
                .header("Range", "bytes=0-4")
                .get(files + "README?raw")
                .then()
                .statusCode(206)
                .body(equalTo("plain"));
        browser()
                .header("Range", "bytes=-5")
                .get(files + "README?raw")
                .then()
                .statusCode(206)
                .body(equalTo("line\n"));
    }

    @Test
    void linksAreShownAndNeverFollowedOut() {
        var files = "/gallery/path/" + LANTERN.hash() + "/files/";
        page(files + "away").body(containsString("/etc/passwd"), containsString("points outside this store path"));
        page(files + "bin/out").body(containsString("points outside this store path"));
        page(files + "bin/lit").body(containsString("href=\"" + files + "README\""));
        page(files + "away/passwd").statusCode(404);
    }

    @Test
    void filesShowLinesWithNumbersToLinkTo() {
        page("/gallery/path/" + LANTERN.hash() + "/files/README")
                .body(containsString("id=\"L2\""), containsString("second line"), containsString("2 lines"));
        page("/gallery/path/" + LANTERN.hash() + "/files").body(containsString(">deep/deeper</a>"));
        page("/gallery/path/" + LANTERN.hash() + "/files/deep/deeper/odd%20name%3F%23.txt")
                .body(containsString("found"));
    }

    @Test
    void markdownIsLaidOutAndItsSourceIsALinkAway() {
        var file = "/gallery/path/" + LANTERN.hash() + "/files/deep/deeper/guide.md";
        page(file)
                .body(containsString("<h2 id=\"readme-guide\">Guide</h2>"))
                .body(containsString("href=\"" + file + "?source\">Source</a>"))
                .body(containsString("href=\"/gallery/path/" + LANTERN.hash() + "/files/README\""))
                .body(containsString("href=\"/gallery/path/" + LANTERN.hash() + "/files/page.html\""))
                .body(not(containsString("secret")), not(containsString("id=\"L1\"")));
        page(file + "?source").body(containsString("id=\"L1\""), containsString("href=\"" + file + "\">Rendered</a>"));
        given().get("/api" + file).then().body("content.form", equalTo("document"));
        given().get("/api" + file + "?source").then().body("content.form", equalTo("text"));
        page("/gallery/npm/wick@2.0.0/files/package/README.md")
                .body(containsString("href=\"/gallery/npm/wick&#64;2.0.0/files/package/notes.md\""));
    }

    @Test
    void aPictureIsShownAndADrawingHasASource() {
        var file = "/gallery/path/" + LANTERN.hash() + "/files/picture.svg";
        page(file).body(containsString("<img src=\"" + file + "?raw\""), containsString(">Source</a>"));
        page(file + "?source").body(containsString("id=\"L1\""), containsString(">Rendered</a>"));
        page("/gallery/path/" + LANTERN.hash() + "/files/README?source").body(not(containsString(">Rendered</a>")));
    }

    @Test
    void binaryFilesAreLabeled() {
        page("/gallery/path/" + LANTERN.hash() + "/files/z%FF")
                .body(containsString("binary data"), containsString("2 bytes"))
                .body(containsString("b413f47d13ee2fe6c845b2ee141af81de858df4ec549a58b7970bb96645bc8d2"));
    }

    @Test
    void aCrowdedFolderHasPages() {
        var crowd = new PortalFixture(CACHE, recognition).put("crowd-1.0", nar -> {
            nar.directory(new byte[0]);
            for (int i = 0; i < 1005; i++) {
                PortalFixture.file(nar, "file-%04d".formatted(i), "");
            }
            nar.endDirectory();
        });
        var files = "/gallery/path/" + crowd.hash() + "/files";
        given().get("/api" + files)
                .then()
                .body("directory.lines.size()", equalTo(1000))
                .body("directory.size", equalTo(1005));
        page(files).body(containsString("href=\"" + files + "?page=2\""));
        given().get("/api" + files + "?page=2").then().body("directory.lines.name", hasItem("file-1004"));
    }

    @Test
    void aLogIsShownWithoutTerminalCodesAndWithItsPhases() {
        page("/gallery/path/" + LANTERN.hash() + "/log")
                .body(containsString("href=\"#L1\"><span>buildPhase"), containsString("red&lt;script&gt;"))
                .body(not(containsString("\u001b")));
    }

    @Test
    void theSearchFieldTakesPathsHashesAndAddressesToTheirPages() {
        var target = "/gallery/path/" + LANTERN.hash();
        for (var text :
                new String[] {LANTERN.toString(), LANTERN.hash(), LANTERN.baseName(), LANTERN.hash() + ".narinfo"}) {
            page("/search?q=" + text.replace("/", "%2F")).statusCode(303).header("Location", containsString(target));
        }
        page("/search?q=%25").statusCode(200);
        page("/search?q=lantren&cache=gallery")
                .body(containsString("Showing similar spellings"), containsString("/gallery/nix/lantern"));
        page("/search?q=lantern&cache=gallery&ecosystem=nix").body(containsString("Exact name"));
    }

    @Test
    void otherSpellingsRedirectPermanently() {
        page("/gallery/npm/WICK@2.0.0/files").statusCode(404);
        page("/gallery/nix/").statusCode(308).header("Location", endsWith("/gallery/nix"));
        page("/gallery/pypi/Candle_Stick").statusCode(308).header("Location", endsWith("/gallery/pypi/candle-stick"));
        given().redirects()
                .follow(false)
                .get("/api/gallery/pypi/Candle.Stick@1.0")
                .then()
                .statusCode(308)
                .header("Location", endsWith("/api/gallery/pypi/candle-stick@1.0"));
    }

    @ParameterizedTest
    @CsvSource({
        "/gallery/nix/lantren,          404, package",
        "/gallery/nix/lantern@9,        404, version",
        "/gallery/cobol/lantern,        404, registry",
        "/gallery/path/00000000000000000000000000000000, 404, store path",
        "/gallery/nix/lantern@3.2.1/files/none, 404, file",
        "/gallery/nix/lantern@3.2.1/score, 404, page",
        "/gallery/nix?page=9,           404, page",
        "/gallery/nix/lantern@3.2.1/files?page=9, 404, page",
    })
    void whatIsNotThereSaysWhatWasLookedFor(String path, int status, String word) {
        page(path)
                .statusCode(status)
                .contentType(startsWith("text/html"))
                .body(containsString("No such "), containsString(word));
        given().header("Accept", "application/json")
                .get("/api" + path)
                .then()
                .statusCode(status)
                .contentType("application/problem+json")
                .body("title", containsString(word));
    }

    @Test
    void errorsNearbyNamesAndEscaping() {
        page("/gallery/nix/lantren").body(containsString("Similar names"), containsString("/gallery/nix/lantern\""));
        page("/gallery/nix/%3Cscript%3Ealert(1)%3C%2Fscript%3E").statusCode(404).body(not(containsString(SCRIPT)));
        page("/search?q=%3Cscript%3Ealert(1)%3C/script%3E").body(not(containsString(SCRIPT)));
    }

    @ParameterizedTest
    @CsvSource({
        "/gallery/nix, /gallery/nix",
        "/a?b=c,       /a?b=c",
        "//evil.example, /",
        "/\\evil.example, /",
        "https://evil.example, /",
        "'', /",
    })
    void prefsComeBackToAPageOfThisSite(String to, String location) {
        given().redirects()
                .follow(false)
                .formParam("theme", "dark")
                .formParam("to", to)
                .post("/prefs")
                .then()
                .statusCode(303)
                .header("Location", endsWith(location))
                .header("Location", not(containsString("evil")))
                .header("Set-Cookie", containsString("prefs=dark"));
    }

    @Test
    void docsGiveTheLinesOfTheCacheThatIsChosen() {
        page("/docs?cache=gallery")
                .statusCode(200)
                .body(containsString("href=\"/docs/npm?cache=gallery\""), not(containsString("NOT_FOUND")));
        page("/docs/npm?cache=gallery")
                .statusCode(200)
                .body(containsString("<wbr>gallery/npm/"), containsString("noindex"))
                .body(containsString("aria-current=\"page\">npm</a>"), not(containsString("NOT_FOUND")));
        page("/docs/nix?cache=gallery").body(containsString("extra-trusted-public-keys</span> = gallery:"));
        page("/docs/pypi").statusCode(200).body(containsString("simple/"), not(containsString("noindex")));
        page("/gallery").body(containsString("href=\"/docs/nix?cache=gallery\""));
        page("/docs/example").statusCode(404);
        page("/docs/cobol").statusCode(404);
        var secret = page("/docs/npm?cache=" + VAULT).statusCode(404).extract().asString();
        var absent =
                page("/docs/npm?cache=gallery-ghost").statusCode(404).extract().asString();
        assertEquals(absent.replace("gallery-ghost", VAULT), secret);
        browser()
                .header("Authorization", "Bearer " + PortalFixture.token())
                .get("/docs/npm?cache=" + VAULT)
                .then()
                .statusCode(200)
                .header("Cache-Control", containsString("no-store"));
    }

    @Test
    void theChosenThemeIsInThePageAndInItsValidator() {
        var light = page("/gallery")
                .body(not(containsString("data-theme")))
                .extract()
                .header("ETag");
        browser()
                .cookie("prefs", "dark")
                .header("If-None-Match", light)
                .get("/gallery")
                .then()
                .statusCode(200)
                .body(containsString("<html lang=\"en\" dir=\"ltr\" data-theme=\"dark\">"));
        browser().cookie("prefs", "\"><script>").get("/gallery").then().body(not(containsString("data-theme")));
    }

    @Test
    void staticFilesAreKeptForEverUnderAddressesThatChange() {
        var html = page("/").extract().asString();
        var style = html.replaceAll("(?s).*href=\"(/assets/narthex\\.css\\?v=[0-9a-f]+)\".*", "$1");
        given().header("Accept-Encoding", "gzip")
                .get(style)
                .then()
                .statusCode(200)
                .contentType(startsWith("text/css"))
                .header("Content-Encoding", "gzip")
                .header("Cache-Control", containsString("immutable"));
        given().get("/assets/narthex.css").then().header("Cache-Control", "no-cache");
        given().get("/assets/../application.properties").then().statusCode(greaterThanOrEqualTo(400));
        given().get("/favicon.ico").then().statusCode(200).contentType("image/svg+xml");
        given().get("/robots.txt").then().statusCode(200).body(containsString("Disallow: /api/"));
        given().get("/opensearch.xml").then().statusCode(200).body(containsString("{searchTerms}"));
    }

    @Test
    void pagesDoNotStandInTheWayOfNix() {
        given().get("/gallery/nix-cache-info").then().statusCode(200).body(startsWith("StoreDir: /nix/store"));
        given().get("/gallery/" + LANTERN.hash() + ".narinfo")
                .then()
                .statusCode(200)
                .contentType("text/x-nix-narinfo");
        given().get("/gallery/log/" + RECIPE.baseName()).then().statusCode(200).contentType(startsWith("text/plain"));
    }
}
