package dev.narthex.ecosystem.pypi;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.InMemoryRegistries;
import dev.narthex.ecosystem.support.InMemoryRegistriesProfile;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.DerivationMeta;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.config.DecoderConfig;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The index, beyond what {@code RegistriesTest} checks for all registries. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@TestProfile(InMemoryRegistriesProfile.class)
class PypiIndexTest {
    private static final String PYPI = "/registry/orchard/pypi/";
    private static final String JSON = "application/vnd.pypi.simple.v1+json";
    private static final String EVIL = "\"><script>alert('x')</script>&amp;";
    private static final byte[] WHEEL = ArchiveFixture.wheel("wick", "1.0", """
            Summary: Burns
            Author-email: Ada Ferry <ada@example.org>
            License-Expression: MIT
            License-File: LICENSE
            Classifier: Topic :: Utilities
            Keywords: light,fire
            Project-URL: Homepage, https://example.org/wick
            Requires-Python: >=3.9
            Requires-Dist: oil>=1
            Provides-Extra: slow
            Description-Content-Type: text/markdown

            # Wick
            """);
    private static final byte[] SDIST = ArchiveFixture.tgz(
            Map.of("Wick-0.9/PKG-INFO", "Metadata-Version: 1.0\nName: Wick\nVersion: 0.9\nSummary: Old\n"));

    private static boolean filled;

    @Inject
    InMemoryRegistries registries;

    @BeforeEach
    void fill() {
        if (filled) {
            return;
        }
        filled = true;
        var vulnerable = new DerivationMeta(
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                List.of(),
                List.of(),
                List.of(),
                List.of("CVE-2024-12345: burns down", "smells"),
                "",
                "",
                "{}");
        registries.put(NarCandidate.flat("Wick-0.9.tar.gz", SDIST));
        registries.put(
                NarCandidate.flat("wick-1.0-2b-py2.py3-none-any.whl", WHEEL).withMeta(vulnerable));
        registries.put(NarCandidate.flat("wick-2.0a1-py3-none-any.whl", ArchiveFixture.wheel("wick", "2.0a1", "")));
        registries.put(NarCandidate.flat(
                "xenon-1.0-py3-none-any.whl",
                ArchiveFixture.wheel("xenon", "1.0", "Requires-Python: >=3.9" + EVIL + "\n")));
        registries.withdraw("xenon", "yanked", "Leaks " + EVIL);
        registries.state(
                "xenon",
                "project-status",
                "{\"status\":\"archived\",\"reason\":\"Gone " + EVIL.replace("\"", "\\\"") + "\"}");
        registries.state("xenon", "tracks", "[\"https://example.org/simple/xenon/\",\"javascript:alert(1)\"]");
        registries.state("xenon", "alternate-locations", "[\"https://mirror.example.org/xenon/\"]");
        registries.put(NarCandidate.flat("yarrow-1.0-py3-none-any.whl", ArchiveFixture.wheel("yarrow", "1.0", "")));
        registries.withdraw("yarrow", "yanked", "");
        registries.put(NarCandidate.flat("zinc-1.0-py3-none-any.whl", ArchiveFixture.wheel("zinc", "1.0", "")));
        registries.state("zinc", "project-status", "{\"status\":\"quarantined\",\"reason\":\"It is malware.\"}");
        registries.announce("zirkon");
    }

    // ── choosing a form ──

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "'' | text/html; charset=utf-8",
                "*/*;q=0.5 | text/html; charset=utf-8",
                "text/* | text/html; charset=utf-8",
                "application/* | application/vnd.pypi.simple.v1+json",
                "APPLICATION/VND.PYPI.SIMPLE.V1+JSON | application/vnd.pypi.simple.v1+json",
                "application/vnd.pypi.simple.latest+html | application/vnd.pypi.simple.v1+html",
                "application/vnd.pypi.simple.v1+json;q=0, */* | text/html; charset=utf-8",
                "application/vnd.pypi.simple.v1+json;q=0.2, application/vnd.pypi.simple.v1+html;q=0.3 | application/vnd.pypi.simple.v1+html",
                "application/vnd.pypi.simple.v1+json; q=0.5, text/html; q=0.5 | application/vnd.pypi.simple.v1+json",
                "text/html;q=0, application/vnd.pypi.simple.latest+json;q=0.001 | application/vnd.pypi.simple.v1+json",
                "application/vnd.pypi.simple.v2+json, application/vnd.pypi.simple.v1+json;q=0.1 | application/vnd.pypi.simple.v1+json",
                "application/json | -",
                "text/html;q=0 | -",
                "application/vnd.pypi.simple.v2+json | -"
            })
    void theFormFollowsTheWeights(String accept, String type) {
        for (var page : List.of("simple/", "simple/wick/")) {
            var answer = given().header("Accept", accept).get(PYPI + page);
            assertEquals(type == null ? 406 : 200, answer.statusCode());
            assertTrue(answer.header("Vary").contains("Accept"));
            assertEquals(
                    type == null ? "text/plain; charset=utf-8" : type,
                    answer.header("Content-Type").replace(";charset", "; charset"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+json",
        "application/vnd.pypi.simple.v1%2Bjson, application/vnd.pypi.simple.v1+json",
        "application/vnd.pypi.simple.latest+html, application/vnd.pypi.simple.v1+html",
        "text/html, text/html; charset=utf-8"
    })
    void aFormInTheQueryGoesBeforeTheHeader(String format, String type) {
        for (var page : List.of("simple/", "simple/wick/")) {
            given().urlEncodingEnabled(false)
                    .header("Accept", "image/png")
                    .get(PYPI + page + "?format=" + format)
                    .then()
                    .statusCode(200)
                    .contentType(equalTo(type));
        }
        given().get(PYPI + "simple/wick/?format=xml").then().statusCode(406);
    }

    @Test
    void eachFormatAndEncodingHasItsOwnETag() {
        var etags = new HashSet<String>();
        for (var page : List.of("simple/", "simple/wick/")) {
            for (var accept : List.of(JSON, "application/vnd.pypi.simple.v1+html", "text/html")) {
                for (var coding : List.of("gzip, deflate", "identity")) {
                    var first = raw(coding, accept, "", page);
                    assertEquals(200, first.statusCode());
                    etags.add(first.header("ETag"));
                    assertTrue(first.header("Vary").contains("Accept-Encoding"), first.header("Vary"));
                    var again = raw(coding, accept, first.header("ETag"), page);
                    assertEquals(304, again.statusCode());
                    for (var header : List.of("Content-Type", "Content-Length")) {
                        assertNull(again.header(header), header);
                    }
                    for (var header : List.of("ETag", "Vary", "Cache-Control")) {
                        assertEquals(first.header(header), again.header(header));
                    }
                }
            }
        }
        assertEquals(2 * 3 * 2, etags.size(), etags.toString());
    }

    @Test
    void theListIsPackedOnItsWay() throws IOException {
        var packed = raw("gzip", JSON, "", "simple/");
        assertEquals("gzip", packed.header("Content-Encoding"));
        try (var in = new GZIPInputStream(new ByteArrayInputStream(packed.asByteArray()))) {
            assertEquals(
                    raw("identity", JSON, "", "simple/").asString(),
                    new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple/", "simple/wick/", "pypi/wick/json"})
    void headIsGetWithoutABody(String page) {
        var get = given().get(PYPI + page);
        var head = given().head(PYPI + page);
        assertEquals(200, head.statusCode());
        assertEquals(0, head.asByteArray().length);
        for (var header : List.of("ETag", "Content-Type", "Vary", "Cache-Control", "Content-Length")) {
            assertEquals(get.header(header), head.header(header), header);
        }
    }

    // ── pages of projects ──

    @ParameterizedTest
    @CsvSource({
        "simple, simple/",
        "simple?format=text/html, simple/?format=text/html",
        "simple/Wick?a=b%2Fc, wick/?a=b%2Fc",
        "simple/WICK/, ../wick/",
        "simple/no_such.thing/, ../no-such-thing/"
    })
    void otherAddressesOfAPageLeadToIt(String from, String to) {
        given().urlEncodingEnabled(false)
                .redirects()
                .follow(false)
                .get(PYPI + from)
                .then()
                .statusCode(301)
                .header("Location", equalTo(to));
    }

    @Test
    void aProjectWithoutFilesIsAnEmptyPageAndOneThatIsNotThereIsNone() {
        page(JSON, "zirkon")
                .then()
                .statusCode(200)
                .body("name", equalTo("zirkon"))
                .body("files", equalTo(List.of()));
        page("text/html", "zirkon").then().statusCode(200).body(not(containsString("<a ")));
        page(JSON, "zirconium").then().statusCode(404);
        given().get(PYPI + "pypi/zirkon/json").then().statusCode(404);
    }

    @Test
    void withdrawnReleaseIsYankedWithItsReason() {
        page(JSON, "xenon").then().body("files[0].yanked", equalTo("Leaks " + EVIL));
        page(JSON, "yarrow").then().body("files[0].yanked", equalTo(true));
        page(JSON, "wick").then().body("files[0].yanked", equalTo(false));
        page("text/html", "yarrow").then().body(containsString(" data-yanked=\"\""));
        page("text/html", "wick").then().body(not(containsString("yanked")));
        given().get(PYPI + "pypi/xenon/1.0/json")
                .then()
                .body("info.yanked", equalTo(true))
                .body("info.yanked_reason", equalTo("Leaks " + EVIL))
                .body("urls[0].yanked_reason", equalTo("Leaks " + EVIL));
    }

    @Test
    void theStandingOfAProjectIsTold() {
        page(JSON, "xenon")
                .then()
                .body("project-status.status", equalTo("archived"))
                .body("project-status.reason", equalTo("Gone " + EVIL))
                .body("meta.tracks", equalTo(List.of("https://example.org/simple/xenon/")))
                .body("alternate-locations", equalTo(List.of("https://mirror.example.org/xenon/")));
        page("text/html", "xenon")
                .then()
                .body(containsString("<meta name=\"pypi:repository-version\" content=\"1.4\">"))
                .body(containsString("<meta name=\"pypi:project-status\" content=\"archived\">"))
                .body(containsString("<meta name=\"pypi:tracks\" content=\"https://example.org/simple/xenon/\">"))
                .body(containsString(
                        "<meta name=\"pypi:alternate-locations\" content=\"https://mirror.example.org/xenon/\">"));
        page(JSON, "wick")
                .then()
                .body("project-status", equalTo(Map.of("status", "active")))
                .body("meta", equalTo(Map.of("api-version", "1.4")))
                .body("$", not(hasKey("alternate-locations")));
    }

    @Test
    void untrustedTextIsEscaped() {
        var html = page("text/html", "xenon").asString();
        assertFalse(html.contains("<script") || html.contains("alert('"), html);
        assertTrue(html.contains("data-yanked=\"Leaks &quot;&gt;&lt;script&gt;"), html);
        assertTrue(html.contains("data-requires-python=\"&gt;=3.9&quot;&gt;&lt;script"), html);
        assertTrue(html.contains("content=\"Gone &quot;&gt;&lt;script"), html);
    }

    @Test
    void filesHaveNamesTagsAndMetadata() {
        var page = page(JSON, "wick");
        page.then()
                .body("versions", equalTo(List.of("0.9", "1.0", "2.0a1")))
                .body(
                        "files.filename",
                        equalTo(List.of(
                                "Wick-0.9.tar.gz", "wick-1.0-2b-py2.py3-none-any.whl", "wick-2.0a1-py3-none-any.whl")))
                .body("files[0]", not(hasKey("core-metadata")))
                .body("files[1].data-dist-info-metadata", equalTo(page.path("files[1].core-metadata")));
        String url = page.path("files[1].url");
        assertTrue(url.startsWith("../../files/wick/"), url);
        var metadata = given().get(PYPI + url.substring("../../".length()) + ".metadata");
        metadata.then()
                .statusCode(200)
                .contentType(equalTo("text/plain; charset=utf-8"))
                .header("X-Content-Type-Options", equalTo("nosniff"))
                .header("Access-Control-Allow-Origin", equalTo("*"))
                .body(startsWith("Metadata-Version: 2.4\nName: wick\n"));
        String sdist = page.path("files[0].url");
        given().get(PYPI + sdist.substring("../../".length()) + ".metadata")
                .then()
                .statusCode(404);
    }

    // ── files ──

    @Test
    void aFileInQuarantineIsNotToBeHad() {
        page(JSON, "zinc")
                .then()
                .statusCode(200)
                .body("project-status.status", equalTo("quarantined"))
                .body("project-status.reason", equalTo("It is malware."))
                .body("files", equalTo(List.of()));
        page("text/html", "zinc").then().body(not(containsString("<a ")));
        var wheel = ArchiveFixture.wheel("zinc", "1.0", "");
        var file = PYPI + "files/zinc/" + NixHash.sha256(wheel).hex() + "/zinc-1.0-py3-none-any.whl";
        for (var address : List.of(file, file + ".metadata")) {
            given().get(address).then().statusCode(403).body(containsString("It is malware."));
        }
        given().get(PYPI + "packages/py3/z/zinc/zinc-1.0-py3-none-any.whl")
                .then()
                .statusCode(404);
        given().get(PYPI + "pypi/zinc/json")
                .then()
                .body("urls", equalTo(List.of()))
                .body("releases", equalTo(Map.of("1.0", List.of())));
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 206, 0, 1",
        "bytes=2-11, 206, 2, 12",
        "bytes=5-, 206, 5, -1",
        "bytes=-30, 206, -30, -1",
        "bytes=0-999999, 206, 0, -1",
        "bytes=999999-, 416, 0, 0",
        "bytes=-0, 416, 0, 0",
        "'bytes=0-1,4-5', 200, 0, -1",
        "bytes=9-2, 200, 0, -1",
        "lines=0-1, 200, 0, -1"
    })
    void anyRangeOfAFileCanBeHad(String range, int status, int from, int to) {
        var address = PYPI + "files/wick/" + NixHash.sha256(WHEEL).hex() + "/wick-1.0-2b-py2.py3-none-any.whl";
        int begin = from < 0 ? WHEEL.length + from : from;
        int end = to < 0 ? WHEEL.length : to;
        for (var coding : List.of("identity", "gzip, deflate, zstd")) {
            var answer = given().header("Range", range)
                    .header("Accept-Encoding", coding)
                    .get(address);
            assertEquals(status, answer.statusCode());
            assertNull(answer.header("Content-Encoding"));
            if (status == 416) {
                assertEquals("bytes */" + WHEEL.length, answer.header("Content-Range"));
                continue;
            }
            assertArrayEquals(Arrays.copyOfRange(WHEEL, begin, end), answer.asByteArray());
            assertEquals("bytes", answer.header("Accept-Ranges"));
            assertEquals("public, max-age=31536000, immutable", answer.header("Cache-Control"));
            assertEquals(
                    status == 206 ? "bytes " + begin + "-" + (end - 1) + "/" + WHEEL.length : null,
                    answer.header("Content-Range"));
        }
        var head = given().head(address);
        assertEquals(Integer.toString(WHEEL.length), head.header("Content-Length"));
        assertEquals("bytes", head.header("Accept-Ranges"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "packages/source/w/wick/Wick-0.9.tar.gz",
                "packages/source/W/Wick/wick-0.9.tar.gz",
                "packages/source/w/wick/wick-0.9.0.tar.gz"
            })
    void aMirrorOfPyPiHasFilesByTheirNames(String address) {
        var there = given().redirects().follow(false).get(PYPI + address);
        assertEquals(302, there.statusCode());
        assertTrue(there.header("Location").startsWith("../../../../files/wick/"), there.header("Location"));
        assertArrayEquals(SDIST, given().get(PYPI + address).asByteArray());
        given().head(PYPI + address).then().statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "packages/source/w/wick/wick-0.8.tar.gz",
                "packages/source/w/wick/wick-1.0-py3-none-any.whl",
                "packages/source/n/nothing/nothing-1.tar.gz",
                "packages/source/w/wick",
                "packages/source/w/wick/x/y",
                "files/wick/00/wick-1.0-2b-py2.py3-none-any.whl",
                "files/wick/00/wick-1.0-2b-py2.py3-none-any.whl.metadata",
                "pypi/wick/9/json",
                "pypi/wick",
                "simple/wick/x/",
                "simple/-wick/"
            })
    void whatIsNotThereIs404InPlainText(String address) {
        given().get(PYPI + address).then().statusCode(404).contentType(startsWith("text/plain"));
    }

    // ── the older JSON ──

    @Test
    void theOlderJsonTellsAllThatTheMetadataDoes() {
        var json = given().get(PYPI + "pypi/Wick/json");
        json.then()
                .statusCode(200)
                .contentType(equalTo("application/json"))
                .header("Access-Control-Allow-Origin", equalTo("*"))
                .body("info.version", equalTo("1.0"))
                .body("info.summary", equalTo("Burns"))
                .body("info.description", equalTo("# Wick\n"))
                .body("info.description_content_type", equalTo("text/markdown"))
                .body("info.author_email", equalTo("Ada Ferry <ada@example.org>"))
                .body("info.license", equalTo(""))
                .body("info.license_expression", equalTo("MIT"))
                .body("info.license_files", equalTo(List.of("LICENSE")))
                .body("info.classifiers", equalTo(List.of("Topic :: Utilities")))
                .body("info.keywords", equalTo("light,fire"))
                .body("info.project_urls.Homepage", equalTo("https://example.org/wick"))
                .body("info.requires_dist", equalTo(List.of("oil>=1")))
                .body("info.requires_python", equalTo(">=3.9"))
                .body("info.provides_extra", equalTo(List.of("slow")))
                .body("info.dynamic", nullValue())
                .body("info.platform", nullValue())
                .body("info.docs_url", nullValue())
                .body("info.downloads.last_month", equalTo(-1))
                .body("info.yanked", equalTo(false))
                .body("info.package_url", equalTo(base() + "/orchard/pypi/wick"))
                .body("info.release_url", equalTo(base() + "/orchard/pypi/wick@1.0"))
                .body("releases.keySet()", equalTo(Set.of("0.9", "1.0", "2.0a1")))
                .body("releases.'0.9'[0].packagetype", equalTo("sdist"))
                .body("releases.'0.9'[0].python_version", equalTo("source"))
                .body("urls[0].packagetype", equalTo("bdist_wheel"))
                .body("urls[0].python_version", equalTo("py2.py3"))
                .body("urls[0].requires_python", equalTo(">=3.9"))
                .body("urls[0].size", equalTo(WHEEL.length))
                .body("urls[0].upload_time", equalTo("2025-03-01T10:00:00"))
                .body("urls[0].upload_time_iso_8601", equalTo("2025-03-01T10:00:00.000000Z"))
                .body(
                        "urls[0].digests",
                        equalTo(Map.of("sha256", NixHash.sha256(WHEEL).hex())))
                .body("vulnerabilities[0].id", equalTo("CVE-2024-12345"))
                .body("vulnerabilities[0].details", equalTo("CVE-2024-12345: burns down"))
                .body("vulnerabilities[1].id", equalTo("smells"));
        assertTrue(json.<Integer>path("last_serial") > 0);
        given().header("If-None-Match", json.header("ETag"))
                .get(PYPI + "pypi/wick/json")
                .then()
                .statusCode(304);
        String url = json.path("urls[0].url");
        assertArrayEquals(WHEEL, given().get(url).asByteArray());
    }

    @Test
    void releaseIsServedUnderAnySpelling() {
        for (var version : List.of("2.0a1", "2.0-alpha.1", "v2.0A1")) {
            given().get(PYPI + "pypi/wick/" + version + "/json")
                    .then()
                    .statusCode(200)
                    .body("info.version", equalTo("2.0a1"))
                    .body("$", not(hasKey("releases")))
                    .body("info.requires_dist", nullValue())
                    .body("urls[0].requires_python", nullValue());
        }
        assertNotEquals(
                given().get(PYPI + "pypi/wick/1.0/json").header("ETag"),
                given().get(PYPI + "pypi/wick/json").header("ETag"));
    }

    private static Response page(String accept, String name) {
        return given().header("Accept", accept).get(PYPI + "simple/" + name + "/");
    }

    private static Response raw(String coding, String accept, String etag, String page) {
        return given().config(RestAssured.config()
                        .decoderConfig(DecoderConfig.decoderConfig().noContentDecoders()))
                .header("Accept-Encoding", coding)
                .header("Accept", accept)
                .header("If-None-Match", etag)
                .get(PYPI + page);
    }

    private static String base() {
        return "http://127.0.0.1:" + RestAssured.port;
    }
}
