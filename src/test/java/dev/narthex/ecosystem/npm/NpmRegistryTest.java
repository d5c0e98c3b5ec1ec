package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.InMemoryRegistriesProfile;
import dev.narthex.ecosystem.support.NarCandidate;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The registry over HTTP: requests besides installation, and invalid requests. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@TestProfile(InMemoryRegistriesProfile.class)
class NpmRegistryTest extends NpmRegistrySetup {
    private static final String BRIEF = "application/vnd.npm.install-v1+json";

    @ParameterizedTest
    @ValueSource(
            strings = {"@boat/sail", "@boat%2fsail", "@boat%2Fsail", "%40boat%2fsail", "%40boat%2Fsail", "%40boat/sail"
            })
    void everyScopeSpellingWorksOnEveryRoute(String name) {
        for (var route : List.of(
                name,
                name + "/2.0.0",
                name + "/latest",
                name + "/-/sail-2.0.0.tgz",
                name + "/-/@boat/sail-2.0.0.tgz",
                name + "/-/@boat%2fsail-2.0.0.tgz",
                "-/package/" + name + "/dist-tags",
                "-/package/" + name + "/visibility")) {
            get(route).then().statusCode(200);
            assertEquals(
                    200, given().urlEncodingEnabled(false).head(NPM + route).statusCode(), route);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..%2f..%2fetc",
                "%2e%2e%2f%2e%2e%2fetc",
                "node_modules",
                "favicon.ico",
                "__proto__",
                "constructor",
                ".hidden",
                "a%00b",
                "oar%20",
                "@boat",
                "@boat%2f",
                "@%2fsail",
                "@boat%252fsail",
                "oar/-/..%2f..%2fhtpasswd",
                "oar/-/%2e%2e%2f%2e%2e%2fadmin-token",
                "oar/-/oar-1.0.0.tgz%00",
                "oar/-/",
                "oar/1.0.0/x",
                "oar/-rev/1",
                "oar/9.9.9",
                "oar/%5e1.0.0",
                "-/package/oar",
                "-/package/oar/collaborators",
                "-/package/..%2f..%2fetc/dist-tags",
                "-/npm/v1/attestations/oar@1.0.0",
                "-/npm/v1/user",
                "-/npm/v1/tokens",
                "-/user/org.couchdb.user:anna",
                "-/org/boat/package",
                "-/all",
                "-/v1/search/x",
                "-"
            })
    void missingPackageIsReportedInJson(String path) {
        var answer = get(path);
        assertEquals(4, answer.statusCode() / 100, path + answer.statusCode());
        answer.then().contentType(startsWith("application/json")).header("Cache-Control", equalTo("no-store"));
        String error = answer.path("error");
        assertTrue(error.length() < 400 && error.endsWith("."), error);
        assertFalse(error.contains("\n"), error);
    }

    /** Requests that no HTTP library sends are refused by the HTTP server, without a body. */
    @ParameterizedTest
    @ValueSource(strings = {"%zz", "%", "oar%2", "@boat%2", "oar/-/%.tgz", "-/v1/search?text=%"})
    void malformedEscapeIsNoServerError(String path) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port)) {
            var request = "GET " + NPM + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 4"), answer);
        }
    }

    @Test
    void namesOfAnyLengthAreAnswered() {
        for (int length : new int[] {214, 215, 5000}) {
            get("x".repeat(length)).then().statusCode(404).contentType(startsWith("application/json"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE", "POST", "PATCH"})
    void refusedWriteIsReportedInJson(String method) {
        for (var path : List.of("oar", "@boat%2fsail", "-/package/oar/dist-tags/next", "-/v1/login", "oar/-rev/1")) {
            given().urlEncodingEnabled(false)
                    .contentType("application/json")
                    .body("{")
                    .request(method, NPM + path)
                    .then()
                    .statusCode(anyOf(equalTo(401), equalTo(404), equalTo(405)))
                    .contentType(startsWith("application/json"))
                    .body("error", containsString("."));
        }
    }

    @Test
    void missingDependencyIsReported() {
        needing("raft");
        get("tar")
                .then()
                .statusCode(404)
                .body(
                        "error",
                        equalTo("There is no package “tar” here. The cache orchard lacks it, and raft depends on it:"
                                + " publish or push it there too."));
        needing("barge");
        get("tar/1.0.0").then().statusCode(404).body("error", containsString("and barge and raft depend on it"));
        needing("canoe");
        get("tar").then().body("error", containsString("and barge, canoe and others depend on it"));
        get("pitch").then().statusCode(404).body("error", equalTo("There is no package “pitch” here."));
    }

    private void needing(String name) {
        var json = "{\"name\":\"" + name + "\",\"version\":\"1.0.0\",\"dependencies\":{\"tar\":\"^1\"}}";
        registries.put(
                NarCandidate.flat(name + "-1.0.0.tgz", ArchiveFixture.tgz(Map.of("package/package.json", json))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/vnd.npm.install-v1+json | brief",
                "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */* | brief",
                "application/json; q=0.8, APPLICATION/vnd.npm.install-v1+json | brief",
                "application/vnd.npm.install-v1+json; q=0.9, application/json; q=0.9 | whole",
                "application/vnd.npm.install-v1+json; q=0.5, application/json | whole",
                "application/vnd.npm.install-v1+json; q=0, application/json; q=0 | whole",
                "application/vnd.npm.install-v1+json; q=x | whole",
                "application/json | whole",
                "*/* | whole",
                "text/html | whole",
                "'' | whole"
            })
    void formatFollowsAcceptWeights(String accept, String form) {
        var request = given().header("Accept", accept.equals("''") ? "" : accept);
        var answer = request.get(NPM + "oar");
        answer.then()
                .statusCode(200)
                .contentType(equalTo((form.equals("brief") ? BRIEF : "application/json") + "; charset=utf-8"))
                .header("Vary", equalTo("Accept, Accept-Encoding"));
        assertEquals(form.equals("whole"), answer.asString().contains("\"_id\""));
        assertTrue(answer.asString().contains("\"time\":{\"created\""));
    }

    @Test
    void eachFormatHasItsOwnETag() {
        for (var encoding : List.of("identity", "gzip")) {
            var etags = List.of("application/json", BRIEF).stream()
                    .map(accept -> {
                        var first = form(accept, encoding).get(NPM + "oar");
                        var etag = first.header("ETag");
                        form(accept, encoding)
                                .header("If-None-Match", "\"other\", W/" + etag)
                                .get(NPM + "oar")
                                .then()
                                .statusCode(304)
                                .header("Vary", equalTo("Accept, Accept-Encoding"))
                                .header("Cache-Control", equalTo(first.header("Cache-Control")))
                                .header("ETag", equalTo(etag));
                        return etag;
                    })
                    .toList();
            assertNotEquals(etags.get(0), etags.get(1));
        }
    }

    @Test
    void documentsForEditingAreNotCached() {
        get("oar").then().header("Cache-Control", equalTo("public, no-cache"));
        get("oar?write=true")
                .then()
                .statusCode(200)
                .header("Cache-Control", equalTo("no-store"))
                .body("_rev", startsWith("3-"));
        get("-/ping?write=true").then().statusCode(200).body(equalTo("{}"));
    }

    @Test
    void visibilityFollowsTheCache() {
        get("-/package/oar/visibility").then().statusCode(200).body("public", equalTo(true));
        get("-/package/nothing/visibility").then().statusCode(404);
        given().get("/registry/cellar/npm/-/package/oar/visibility").then().statusCode(401);
    }

    @Test
    void searchReturnsTheRequestedPageAndTheTotal() {
        get("-/v1/search?text=rope&size=2&from=3")
                .then()
                .body("total", equalTo(5))
                .body("objects.package.name", equalTo(List.of("rope-3", "rope-4")));
        get("-/v1/search?text=rope&size=100000").then().body("objects", hasSize(5));
        get("-/v1/search?text=rope&size=x&from=-1").then().statusCode(200).body("objects", hasSize(5));
        get("-/v1/search?text=rope&from=999999").then().statusCode(200).body("objects", hasSize(0));
        get("-/v1/search").then().statusCode(200).body("objects.size()", greaterThanOrEqualTo(7));
        get("-/v1/search?text=sail")
                .then()
                .body("objects[0].package.scope", equalTo("boat"))
                .body("objects[0].package.date", equalTo("2025-03-01T10:00:00.000Z"))
                .body("objects[0].flags.insecure", equalTo(1));
        get("-/v1/search?text=" + "x".repeat(513)).then().statusCode(400).body("error", containsString("512"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "scope:boat sail | @boat/ sail",
                "scope:@boat | @boat/",
                "keywords:a,b+c | a b c",
                "author:anna maintainer:bo | anna bo",
                "not:unstable is:insecure boost-exact:false oar | oar",
                "@boat/sail | @boat/sail",
                "x:y | x:y"
            })
    void searchQualifiersAreSupported(String text, String words) {
        assertEquals(words, NpmSearch.queryWords(text));
    }

    private static RequestSpecification form(String accept, String encoding) {
        return given().header("Accept", accept).header("Accept-Encoding", encoding);
    }

    private static Response get(String path) {
        return given().urlEncodingEnabled(false).get(NPM + path);
    }
}
