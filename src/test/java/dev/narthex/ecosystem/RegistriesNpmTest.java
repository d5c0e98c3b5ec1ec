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
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.InMemoryRegistriesProfile;
import dev.narthex.ecosystem.support.NarCandidate;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.config.DecoderConfig;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The npm registry over HTTP. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@TestProfile(InMemoryRegistriesProfile.class)
class RegistriesNpmTest extends RegistriesSetup {
    private static final String BRIEF = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";

    @Test
    void packumentHasAllFieldsForInstallation() {
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
    void abbreviatedPackumentFollowsAcceptWeights() {
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

    @Test
    void unchangedDocumentIsAnsweredWith304() {
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
    void documentsAreCompressedOnRequest() {
        var packed = undecoded().header("Accept-Encoding", "gzip,deflate").get(NPM + "lantern");
        assertEquals("gzip", packed.header("Content-Encoding"));
        assertEquals(0x1f, packed.asByteArray()[0]);
        var plain = undecoded().get(NPM + "lantern");
        assertEquals('{', plain.asByteArray()[0]);
        assertNotEquals(packed.header("ETag"), plain.header("ETag"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"@harbour/two", "@harbour%2ftwo", "@harbour%2Ftwo", "%40harbour%2ftwo", "%40harbour/two"})
    void scopedNamesAreFoundInEverySpelling(String name) {
        npm(name).then().statusCode(200).body("name", equalTo("@harbour/two"));
        npm(name + "/latest").then().statusCode(200).body("version", equalTo("1.0.0"));
        npm("-/package/" + name + "/dist-tags").then().statusCode(200).body("latest", equalTo("1.0.0"));
        var file = npm(name + "/-/two-1.0.0.tgz");
        assertArrayEquals(TWO, file.asByteArray());
        assertArrayEquals(TWO, npm(name + "/-/@harbour/two-1.0.0.tgz").asByteArray());
    }

    @Test
    void tarballIsServedUnchanged() {
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
    void pingAndSearchWork() {
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
    void auditWithoutMetadataFindsNothing() {
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

    private static Response npm(String path) {
        return given().urlEncodingEnabled(false).get(NPM + path);
    }

    private static RequestSpecification bulk() {
        return given().contentType("application/json");
    }

    private static RequestSpecification undecoded() {
        return given().config(RestAssured.config()
                .decoderConfig(DecoderConfig.decoderConfig().noContentDecoders()));
    }
}
