package dev.narthex.ecosystem.pypi;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.ecosystem.support.InMemoryRegistriesProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.config.DecoderConfig;
import io.restassured.response.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Formats and pages of the index, beyond {@code RegistriesPypiTest}. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@TestProfile(InMemoryRegistriesProfile.class)
class PypiIndexTest extends PypiIndexSetup {
    // ── format negotiation ──

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
    void formatFollowsAcceptWeights(String accept, String type) {
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
    void projectListIsCompressed() throws IOException {
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
    void headIsLikeGetWithoutABody(String page) {
        var get = given().get(PYPI + page);
        var head = given().head(PYPI + page);
        assertEquals(200, head.statusCode());
        assertEquals(0, head.asByteArray().length);
        for (var header : List.of("ETag", "Content-Type", "Vary", "Cache-Control", "Content-Length")) {
            assertEquals(get.header(header), head.header(header), header);
        }
    }

    // ── project pages ──

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
    void projectWithoutFilesHasAnEmptyPage() {
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
    void projectStatusIsReported() {
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

    private static Response raw(String coding, String accept, String etag, String page) {
        return given().config(RestAssured.config()
                        .decoderConfig(DecoderConfig.decoderConfig().noContentDecoders()))
                .header("Accept-Encoding", coding)
                .header("Accept", accept)
                .header("If-None-Match", etag)
                .get(PYPI + page);
    }
}
