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
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.InMemoryRegistriesProfile;
import dev.narthex.nix.NixHash;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of the index and its legacy JSON, beyond {@code RegistriesPypiTest}. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@TestProfile(InMemoryRegistriesProfile.class)
class PypiIndexFilesTest extends PypiIndexSetup {
    // ── files ──

    @Test
    void quarantinedFileIsNotServed() {
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
    void filesHaveMirrorUrls(String address) {
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
    void missingFileIsReportedInPlainText(String address) {
        given().get(PYPI + address).then().statusCode(404).contentType(startsWith("text/plain"));
    }

    // ── legacy JSON ──

    @Test
    void legacyJsonHasAllMetadata() {
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

    private static String base() {
        return "http://127.0.0.1:" + RestAssured.port;
    }
}
