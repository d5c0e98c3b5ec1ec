package dev.narthex.ecosystem;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.narthex.TestDatabase;
import dev.narthex.ecosystem.support.InMemoryRegistriesProfile;
import dev.narthex.nix.NixHash;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The PyPI index over HTTP. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@TestProfile(InMemoryRegistriesProfile.class)
class RegistriesPypiTest extends RegistriesSetup {
    private static final String PEP691 =
            "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";

    @Test
    void jsonProjectPageHasAllFieldsForPip() {
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
    void htmlProjectPageEscapesUntrustedText() {
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
    void formatFollowsAcceptWeights(String accept, String type) {
        for (var page : List.of("", "nx-lantern/")) {
            assertEquals(type, pypi(accept, page).header("Content-Type"));
        }
    }

    @Test
    void formatQueryOverridesAccept() {
        pypi("image/png", "nx-lantern/").then().statusCode(406);
        pypi("text/html", "nx-lantern/?format=application/vnd.pypi.simple.v1+json")
                .then()
                .contentType(startsWith("application/vnd.pypi.simple.v1+json"));
    }

    @Test
    void eachFormatHasItsOwnETag() {
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
    void listHasAllProjects() {
        pypi(PEP691, "").then().statusCode(200).body("projects[0].name", equalTo("Nx_Lantern"));
        pypi("text/html", "").then().body(containsString("<a href=\"nx-lantern/\">Nx_Lantern</a>"));
    }

    @ParameterizedTest
    @CsvSource({"Nx_Lantern, nx-lantern/", "nx-lantern, nx-lantern/", "NX.lantern/, ../nx-lantern/"})
    void otherSpellingsRedirectToTheNormalizedName(String name, String location) {
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
    void missingProjectIsReportedInPlainText(String path) {
        var answer = given().get("/registry/orchard/pypi/" + path);
        assertEquals(
                path.contains("%") ? 4 : 404, path.contains("%") ? answer.statusCode() / 100 : answer.statusCode());
    }

    @Test
    void legacyJsonHasTheFieldsThatUpdatersRead() {
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

    private static Response pypi(String accept, String path) {
        return given().header("Accept", accept).get(SIMPLE + path);
    }
}
