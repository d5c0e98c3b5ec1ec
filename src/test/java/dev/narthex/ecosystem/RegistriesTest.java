package dev.narthex.ecosystem;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasEntry;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.ecosystem.example.ExampleEcosystem;
import dev.narthex.ecosystem.nix.NixDetails;
import dev.narthex.ecosystem.npm.NpmDetails;
import dev.narthex.ecosystem.pypi.PypiDetails;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.InMemoryRegistries;
import dev.narthex.ecosystem.support.InMemoryRegistriesProfile;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Attestation;
import io.quarkus.qute.Engine;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.config.DecoderConfig;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** npm, PyPI and notes as clients see them, over HTTP. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@TestProfile(InMemoryRegistriesProfile.class)
class RegistriesTest {
    private static final String NPM = "/registry/orchard/npm/";
    private static final String SIMPLE = "/registry/orchard/pypi/simple/";
    private static final String BRIEF = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";
    private static final String PEP691 =
            "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";
    private static final byte[] TWO = tarball("@harbour/two", "1.0.0", "");
    private static final byte[] WHEEL =
            ArchiveFixture.wheel("Nx_Lantern", "3.2.1", "Requires-Python: >=3.9,<4\n\n# Lantern\n");

    private static boolean filled;

    @Inject
    InMemoryRegistries registries;

    @Inject
    Engine engine;

    @BeforeEach
    void fill() {
        if (!filled) {
            filled = true;
            registries.put(NarCandidate.flat(
                    "lantern-1.0.0.tgz", tarball("lantern", "1.0.0", ",\"n\":1.10,\"_resolved\":\"/x\"")));
            registries.put(NarCandidate.flat(
                    "lantern-1.2.0.tgz", tarball("lantern", "1.2.0", ",\"scripts\":{\"install\":\"x\"}")));
            registries.put(NarCandidate.flat("lantern-2.0.0-rc.1.tgz", tarball("lantern", "2.0.0-rc.1", "")));
            registries.put(NarCandidate.flat("two-1.0.0.tgz", TWO));
            registries.put(NarCandidate.flat("shopping-3.note", "For the week\n".getBytes(StandardCharsets.UTF_8)));
            registries.put(NarCandidate.flat("Nx_Lantern-3.2.1-py3-none-any.whl", WHEEL));
        }
    }

    // ── npm ──

    @Test
    void thePackumentHasWhatClientsInstallFrom() {
        npm("lantern")
                .then()
                .statusCode(200)
                .contentType(equalTo("application/json; charset=utf-8"))
                .header("Vary", containsString("Accept"))
                .header("Cache-Control", startsWith("public"))
                .body("name", equalTo("lantern"))
                .body("dist-tags.latest", equalTo("1.2.0"))
                .body("dist-tags.old", equalTo("1.0.0"))
                .body("versions.'1.0.0'._id", equalTo("lantern@1.0.0"))
                .body("versions.'1.0.0'", not(hasKey("_resolved")))
                .body("versions.'1.0.0'.dist.tarball", equalTo(base() + NPM + "lantern/-/lantern-1.0.0.tgz"))
                .body("versions.'1.0.0'.dist.integrity", startsWith("sha512-"))
                .body("versions.'1.2.0'.hasInstallScript", equalTo(true))
                .body("time.modified", equalTo("2025-03-01T10:00:00.000Z"))
                .body("readme", equalTo("# lantern\n"));
        assertTrue(
                npm("lantern").asString().contains("\"n\":1.10"), npm("lantern").asString());
    }

    @Test
    void theBriefFormIsForWhoAsksForItFirst() {
        given().header("Accept", BRIEF)
                .get(NPM + "lantern")
                .then()
                .contentType(equalTo("application/vnd.npm.install-v1+json; charset=utf-8"))
                .body("modified", equalTo("2025-03-01T10:00:00.000Z"))
                .body("versions.'1.0.0'", not(hasKey("description")))
                .body("versions.'1.0.0'.dependencies", hasEntry("wick", "^1.0.0"));
        for (var accept :
                List.of("*/*", "application/json", "application/json, application/vnd.npm.install-v1+json;q=0.5")) {
            given().header("Accept", accept).get(NPM + "lantern").then().contentType(startsWith("application/json"));
        }
        assertNotEquals(
                npm("lantern").header("ETag"),
                given().header("Accept", BRIEF).get(NPM + "lantern").header("ETag"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                NPM + "lantern/-/lantern-1.2.0.tgz",
                "/registry/orchard/example/shopping-3.note",
                "/registry/orchard/pypi/files/nx-lantern/%s/Nx_Lantern-3.2.1-py3-none-any.whl"
            })
    void aFileCountsAsDownloadedWhenAClientHasTakenItFromItsBeginning(String address) throws InterruptedException {
        var url = address.replace("%s", NixHash.sha256(WHEEL).hex());
        var file = url.substring(url.lastIndexOf('/') + 1);
        int before = registries.downloaded().size();
        given().head(url).then().statusCode(200);
        given().header("Range", "bytes=5-").get(url).then().statusCode(206);
        given().header("Range", "bytes=999999-").get(url).then().statusCode(416);
        var whole = given().get(url);
        assertEquals(200, whole.statusCode());
        given().header("If-None-Match", whole.header("ETag")).get(url).then().statusCode(304);
        given().header("Range", "bytes=0-4").get(url).then().statusCode(206);
        given().get(url).then().statusCode(200);
        for (int i = 0; i < 100 && registries.downloaded().size() < before + 3; i++) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertEquals(
                List.of(file, file, file),
                registries.downloaded().subList(before, registries.downloaded().size()));
    }

    @Test
    void aKnownDocumentIsNeitherSentNorMadeAgain() {
        var etag = npm("lantern").header("ETag");
        int finds = registries.finds();
        var again = given().header("If-None-Match", etag).get(NPM + "lantern");
        assertEquals(304, again.statusCode());
        assertNull(again.header("Content-Type"));
        assertEquals(finds, registries.finds());
        registries.put(NarCandidate.flat("other-1.0.0.tgz", tarball("other", "1.0.0", "")));
        given().header("If-None-Match", etag).get(NPM + "lantern").then().statusCode(304);
        assertEquals(finds + 1, registries.finds());
    }

    @Test
    void documentsArePackedForWhoCanUnpackThem() {
        var packed = undecoded().header("Accept-Encoding", "gzip,deflate").get(NPM + "lantern");
        assertEquals("gzip", packed.header("Content-Encoding"));
        assertEquals(0x1f, packed.asByteArray()[0]);
        var plain = undecoded().get(NPM + "lantern");
        assertEquals('{', plain.asByteArray()[0]);
        assertNotEquals(packed.header("ETag"), plain.header("ETag"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"@harbour/two", "@harbour%2ftwo", "@harbour%2Ftwo", "%40harbour%2ftwo", "%40harbour/two"})
    void scopedNamesAreFoundHoweverTheyAreWritten(String name) {
        npm(name).then().statusCode(200).body("name", equalTo("@harbour/two"));
        npm(name + "/latest").then().statusCode(200).body("version", equalTo("1.0.0"));
        npm("-/package/" + name + "/dist-tags").then().statusCode(200).body("latest", equalTo("1.0.0"));
        var file = npm(name + "/-/two-1.0.0.tgz");
        assertArrayEquals(TWO, file.asByteArray());
        assertArrayEquals(TWO, npm(name + "/-/@harbour/two-1.0.0.tgz").asByteArray());
    }

    @Test
    void aTarballIsSentAsItIs() {
        var url = NPM + "@harbour/two/-/two-1.0.0.tgz";
        given().header("Accept-Encoding", "gzip")
                .get(url)
                .then()
                .statusCode(200)
                .contentType(equalTo("application/octet-stream"))
                .header("Content-Encoding", nullValue())
                .header("Content-Length", equalTo(String.valueOf(TWO.length)))
                .header("Cache-Control", equalTo("public, max-age=31536000, immutable"));
        given().head(url).then().statusCode(200).header("Content-Length", equalTo(String.valueOf(TWO.length)));
        given().header("Range", "bytes=2-11")
                .get(url)
                .then()
                .statusCode(206)
                .header("Content-Range", equalTo("bytes 2-11/" + TWO.length));
    }

    @ParameterizedTest
    @CsvSource({
        "nothing-here, 404",
        "lantern/9.9.9, 404",
        "lantern/-/lantern-9.9.9.tgz, 404",
        "node_modules, 404",
        "__proto__, 404",
        "-/whoami, 401",
        "-/nothing, 404"
    })
    void refusalsAreOneSentenceThatNpmPrints(String path, int status) {
        npm(path)
                .then()
                .statusCode(status)
                .contentType(startsWith("application/json"))
                .body("error", not(nullValue()));
    }

    @Test
    void aPrivateCacheAsksForACredential() {
        var refused = given().get("/registry/cellar/npm/lantern");
        refused.then().statusCode(401).body("error", containsString("token"));
        assertEquals(
                List.of("Basic realm=\"Narthex\"", "Bearer realm=\"Narthex\""),
                refused.headers().getValues("WWW-Authenticate"));
        given().get("/registry/cellar/pypi/simple/")
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", equalTo("Basic realm=\"Narthex\""))
                .body(containsString("token"));
    }

    @Test
    void pingAndSearchAnswer() {
        npm("-/ping").then().statusCode(200).body(equalTo("{}"));
        npm("-/v1/search?text=lant&size=20&from=0")
                .then()
                .statusCode(200)
                .body("total", equalTo(1))
                .body("objects[0].package.name", equalTo("lantern"))
                .body("objects[0].package.version", equalTo("1.2.0"))
                .body("objects[0].package.date", equalTo("2025-03-01T10:00:00.000Z"));
        npm("-/v1/search?text=x&size=100000&from=-1").then().statusCode(200);
        npm("-/v1/search?text=" + "x".repeat(600)).then().statusCode(400);
    }

    @Test
    void anAuditFindsNothingWhereNothingIsKnown() {
        var body = "{\"lantern\":[\"1.0.0\"],\"unknown\":[\"2.0.0\"]}";
        bulk().body(body)
                .post(NPM + "-/npm/v1/security/advisories/bulk")
                .then()
                .statusCode(200)
                .body(equalTo("{}"));
        bulk().header("Content-Encoding", "gzip")
                .body(ArchiveFixture.gzip(body.getBytes()))
                .post(NPM + "-/npm/v1/security/advisories/bulk")
                .then()
                .statusCode(200)
                .body(equalTo("{}"));
        for (var wrong : List.of("", "[]", "{", "{\"a\":1}")) {
            bulk().body(wrong)
                    .post(NPM + "-/npm/v1/security/advisories/bulk")
                    .then()
                    .statusCode(400);
        }
        bulk().body("{}")
                .post(NPM + "-/npm/v1/security/audits/quick")
                .then()
                .statusCode(200)
                .body("muted", equalTo(List.of()));
        bulk().body("{}").put(NPM + "lantern").then().statusCode(401).body("error", containsString("token"));
        bulk().body("{}").patch(NPM + "lantern").then().statusCode(405).body("error", containsString("PATCH"));
    }

    @Test
    void aBrowserIsSentToThePage() {
        navigate(NPM + "@harbour%2ftwo", "/orchard/npm/@harbour/two");
        navigate(NPM, "/orchard/npm");
        navigate(SIMPLE + "nx-lantern/", "/orchard/pypi/nx-lantern");
        navigate(SIMPLE, "/orchard/pypi");
    }

    // ── PyPI ──

    @Test
    void theProjectPageInJsonHasAllThatPipNeeds() {
        var page = pypi(PEP691, "nx-lantern/");
        page.then()
                .statusCode(200)
                .contentType(equalTo("application/vnd.pypi.simple.v1+json"))
                .header("Vary", containsString("Accept"))
                .body("meta.api-version", equalTo("1.4"))
                .body("name", equalTo("nx-lantern"))
                .body("versions", equalTo(List.of("3.2.1")))
                .body("files[0].filename", equalTo("Nx_Lantern-3.2.1-py3-none-any.whl"))
                .body("files[0].size", equalTo(WHEEL.length))
                .body("files[0].upload-time", equalTo("2025-03-01T10:00:00.000000Z"))
                .body("files[0].requires-python", equalTo(">=3.9,<4"))
                .body("files[0].yanked", equalTo(false))
                .body("files[0].hashes.sha256", equalTo(NixHash.sha256(WHEEL).hex()));
        var url = URI.create(base() + SIMPLE + "nx-lantern/").resolve(page.<String>path("files[0].url"));
        assertArrayEquals(WHEEL, given().get(url).asByteArray());
        var metadata = given().get(url + ".metadata");
        metadata.then().statusCode(200).contentType(startsWith("text/plain"));
        assertEquals(
                page.path("files[0].core-metadata.sha256"),
                NixHash.sha256(metadata.asByteArray()).hex());
        assertEquals(
                "Metadata-Version: 2.4\nName: Nx_Lantern\nVersion: 3.2.1\nRequires-Python: >=3.9,<4\n\n# Lantern\n",
                metadata.asString());
    }

    @Test
    void theProjectPageInHtmlEscapesWhatIsNotOurs() {
        pypi("text/html", "nx-lantern/")
                .then()
                .statusCode(200)
                .contentType(equalTo("text/html; charset=utf-8"))
                .body(containsString("data-requires-python=\"&gt;=3.9,&lt;4\""))
                .body(containsString("#sha256=" + NixHash.sha256(WHEEL).hex() + "\""))
                .body(containsString("data-core-metadata=\"sha256="));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*/* | text/html; charset=utf-8",
                "text/html, */* | text/html; charset=utf-8",
                "application/vnd.pypi.simple.v1+html | application/vnd.pypi.simple.v1+html",
                "application/vnd.pypi.simple.latest+json | application/vnd.pypi.simple.v1+json",
                "application/vnd.pypi.simple.v1+json;q=0.1, text/html | text/html; charset=utf-8",
                "application/vnd.pypi.simple.v1+json, */*;q=0.1 | application/vnd.pypi.simple.v1+json",
            })
    void theFormIsTheOneThatTheClientLikesBest(String accept, String type) {
        for (var page : List.of("", "nx-lantern/")) {
            assertEquals(type, pypi(accept, page).header("Content-Type"));
        }
    }

    @Test
    void unacceptableFormatsAreRefusedAndTheQueryWins() {
        pypi("image/png", "nx-lantern/").then().statusCode(406);
        pypi("text/html", "nx-lantern/?format=application/vnd.pypi.simple.v1+json")
                .then()
                .contentType(startsWith("application/vnd.pypi.simple.v1+json"));
    }

    @Test
    void formsHaveETagsOfTheirOwnAndA304HasNoType() {
        var seen = new LinkedHashMap<String, String>();
        for (var accept : List.of(PEP691, "application/vnd.pypi.simple.v1+html", "text/html")) {
            for (var page : List.of("", "nx-lantern/")) {
                var etag = pypi(accept, page).header("ETag");
                assertNull(seen.put(etag, accept + page));
                var again = given().header("Accept", accept)
                        .header("If-None-Match", etag)
                        .get(SIMPLE + page);
                assertEquals(304, again.statusCode());
                assertNull(again.header("Content-Type"));
                assertNull(again.header("Content-Length"));
            }
        }
    }

    @Test
    void theListHasAllProjects() {
        pypi(PEP691, "").then().statusCode(200).body("projects[0].name", equalTo("Nx_Lantern"));
        pypi("text/html", "").then().body(containsString("<a href=\"nx-lantern/\">Nx_Lantern</a>"));
    }

    @ParameterizedTest
    @CsvSource({"Nx_Lantern, nx-lantern/", "nx-lantern, nx-lantern/", "NX.lantern/, ../nx-lantern/"})
    void otherSpellingsAreSentToTheNormalizedOne(String name, String location) {
        given().redirects()
                .follow(false)
                .get(SIMPLE + name)
                .then()
                .statusCode(301)
                .header("Location", equalTo(location));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "simple/nothing/",
                "simple/a/b/",
                "files/nx-lantern/00/Nx_Lantern-3.2.1-py3-none-any.whl",
                "other",
                "simple/%00/",
                "files/x/y/..%2f..%2fetc"
            })
    void whatIsNotThereIsSaidInPlainText(String path) {
        var answer = given().get("/registry/orchard/pypi/" + path);
        assertEquals(
                path.contains("%") ? 4 : 404, path.contains("%") ? answer.statusCode() / 100 : answer.statusCode());
    }

    @Test
    void theOlderJsonSaysWhatUpdatersRead() {
        for (var path : List.of("Nx_Lantern/json", "nx-lantern/3.2.1/json")) {
            given().get("/registry/orchard/pypi/pypi/" + path)
                    .then()
                    .statusCode(200)
                    .contentType(startsWith("application/json"))
                    .body("info.name", equalTo("Nx_Lantern"))
                    .body("info.version", equalTo("3.2.1"))
                    .body("info.requires_python", equalTo(">=3.9,<4"))
                    .body(
                            "urls[0].digests.sha256",
                            equalTo(NixHash.sha256(WHEEL).hex()));
        }
        String url = given().get("/registry/orchard/pypi/pypi/nx-lantern/json").path("releases.'3.2.1'[0].url");
        assertArrayEquals(WHEEL, given().get(url).asByteArray());
        given().get("/registry/orchard/pypi/pypi/nx-lantern/9/json").then().statusCode(404);
    }

    // ── notes ──

    @Test
    void notesAreListedAndReadByTheirNames() {
        var list = given().get("/registry/orchard/example");
        list.then().statusCode(200).contentType(startsWith("text/plain")).body(equalTo("shopping\n"));
        given().header("If-None-Match", list.header("ETag"))
                .get("/registry/orchard/example")
                .then()
                .statusCode(304);
        var note = "/registry/orchard/example/shopping-3.note";
        var whole = given().get(note);
        whole.then().statusCode(200).body(equalTo("For the week\n"));
        given().header("If-None-Match", whole.header("ETag")).get(note).then().statusCode(304);
        given().head(note).then().statusCode(200).header("Content-Length", equalTo("13"));
        given().header("Range", "bytes=4-6")
                .get(note)
                .then()
                .statusCode(206)
                .header("Content-Range", equalTo("bytes 4-6/13"))
                .body(equalTo("the"));
        navigate("/registry/orchard/example", "/orchard/example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"shopping-4.note", "shopping", "-", "shopping-3.note/x", "%00", "a%0ab-1.note"})
    void aNoteThatIsNotThereIsSaidInALine(String filename) {
        var answer = given().urlEncodingEnabled(false).get("/registry/orchard/example/" + filename);
        assertEquals(4, answer.statusCode() / 100);
        answer.then().contentType(startsWith("text/plain"));
        assertEquals(1, answer.asString().lines().count(), answer.asString());
    }

    @Test
    void notesOfAPrivateCacheAskForACredential() {
        given().get("/registry/cellar/example")
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", equalTo("Basic realm=\"Narthex\""));
    }

    // ── pages ──

    @Test
    void factsOfAnEcosystemAreEscapedOnThePage() {
        var npm = engine.getTemplate("npm/details")
                .data(
                        "details",
                        new NpmDetails(
                                List.of("node >=18"),
                                List.of(),
                                2048,
                                3,
                                List.of(new NpmDetails.Script("postinstall", "node <s>")),
                                List.of(new NpmDetails.Script("<em>", "tap")),
                                "<u>.d.ts",
                                true,
                                "<b>",
                                Optional.of(new NpmDetails.RegistrySignature("SHA256:<q>", "/keys?a\"b")),
                                List.of(new Attestation.DetailLine("Source", "<i>", ""))))
                .render();
        assertTrue(
                npm.contains("node &gt;=18")
                        && npm.contains("&lt;b&gt;")
                        && npm.contains("&lt;i&gt;")
                        && npm.contains("&lt;u&gt;.d.ts")
                        && npm.contains("2.0 KiB")
                        && npm.contains("<code>node &lt;s&gt;</code>")
                        && npm.contains("&lt;em&gt;")
                        && npm.contains("SHA256:&lt;q&gt;")
                        && npm.contains("/keys?a&quot;b")
                        && npm.contains("ES modules")
                        && !npm.contains("Commands"),
                npm);
        var pypi = engine.getTemplate("pypi/details")
                .data("details", new PypiDetails(">=3.9", List.of("py3-none-any"), List.of("socks"), List.of()))
                .render();
        assertTrue(pypi.contains("&gt;=3.9") && pypi.contains("py3-none-any"), pypi);
        var nix = engine.getTemplate("nix/details")
                .data("details", new NixDetails("lantern", "", List.of("bin", "out")))
                .render();
        assertTrue(nix.contains("lantern") && nix.contains("bin, out") && !nix.contains("Changes"), nix);
        assertTrue(engine.getTemplate("example/details")
                .data("details", new ExampleEcosystem.Details(3))
                .render()
                .contains("3"));
    }

    private static void navigate(String from, String to) {
        given().urlEncodingEnabled(false)
                .redirects()
                .follow(false)
                .header("Sec-Fetch-Mode", "navigate")
                .get(from)
                .then()
                .statusCode(303)
                .header("Location", equalTo(base() + to));
    }

    private static Response npm(String path) {
        return given().urlEncodingEnabled(false).get(NPM + path);
    }

    private static Response pypi(String accept, String path) {
        return given().header("Accept", accept).get(SIMPLE + path);
    }

    private static RequestSpecification bulk() {
        return given().contentType("application/json");
    }

    private static RequestSpecification undecoded() {
        return given().config(RestAssured.config()
                .decoderConfig(DecoderConfig.decoderConfig().noContentDecoders()));
    }

    private static String base() {
        return "http://127.0.0.1:" + RestAssured.port;
    }

    private static byte[] tarball(String name, String version, String more) {
        var json = "{\"name\":\"" + name + "\",\"version\":\"" + version + "\",\"description\":\"Shows light\","
                + "\"dependencies\":{\"wick\":\"^1.0.0\"}" + more + "}";
        var files = new LinkedHashMap<String, String>(Map.of("package/package.json", json));
        files.put("package/README.md", "# " + name + "\n");
        return ArchiveFixture.tgz(files);
    }
}
