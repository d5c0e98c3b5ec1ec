package dev.narthex.substituter.attic;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.NixHash;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Optional members of attic uploads. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class AtticUploadTest {
    private static final String CACHE = "attic-upload";

    @Inject
    AccessFixture people;

    private String token;

    @BeforeEach
    void aPublisher() {
        var cache = people.cache(CACHE, false);
        long person = people.person(false);
        people.member(cache, person, dev.narthex.access.Role.PUBLISHER);
        token = people.token(person);
    }

    private Response upload(String name, String more) throws IOException {
        var path = PortalFixture.path(name);
        var out = new ByteArrayOutputStream();
        try (var nar = new NarWriter(out)) {
            nar.start();
            PortalFixture.file(name.getBytes()).write(nar);
        }
        var bytes = out.toByteArray();
        return given().header("Authorization", "Bearer " + token)
                .header("X-Attic-Nar-Info", """
                        {"cache":"%s","store_path_hash":"%s","store_path":"%s","nar_hash":"sha256:%s","nar_size":%d%s}""".formatted(
                                CACHE, path.hash(), path, NixHash.sha256(bytes).hex(), bytes.length, more))
                .body(bytes)
                .put("/_api/v1/upload-path");
    }

    @Test
    void referencesAndSignaturesAreOptional() throws IOException {
        upload("left-out", "").then().statusCode(200).body("kind", equalTo("Uploaded"));
        given().header("Authorization", "Bearer " + token)
                .get("/" + CACHE + "/" + PortalFixture.path("left-out").hash() + ".narinfo")
                .then()
                .statusCode(200)
                .body(containsString("left-out"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"sigs\":[null]", "\"references\":[null]", "\"references\":[\"x\",null]"})
    void invalidUtf8IsRefused(String member) throws IOException {
        upload("no-text", "," + member).then().statusCode(400).body("message", containsString("expected texts"));
    }

    @Test
    void bodyThatIsNotANarIsReported() {
        var path = PortalFixture.path("no-nar");
        given().header("Authorization", "Bearer " + token)
                .header("X-Attic-Nar-Info", """
                        {"cache":"%s","store_path_hash":"%s","store_path":"%s","nar_hash":"sha256:%s","nar_size":11}""".formatted(
                        CACHE, path.hash(), path, NixHash.sha256(new byte[0]).hex()))
                .body("hello world".getBytes())
                .put("/_api/v1/upload-path")
                .then()
                .statusCode(400)
                .body(
                        "message",
                        startsWith("Malformed NAR: “hello world”: the upload begins like this, so it is not a NAR"));
        given().header("Authorization", "Bearer " + token)
                .body("hello world".getBytes())
                .put("/" + CACHE + "/nar/hello.nar")
                .then()
                .statusCode(400)
                .body(containsString("Malformed NAR"));
    }

    @Test
    void tokenOfAtticIsRefusedWithAnExplanation() {
        var jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJl";
        given().header("Authorization", "Bearer " + jwt)
                .get("/_api/v1/cache-config/" + CACHE)
                .then()
                .statusCode(401)
                .body("message", containsString("attic's own tokens. This server does not accept them"))
                .body("message", containsString("/me/tokens"));
        given().auth()
                .preemptive()
                .basic("anna", jwt)
                .get("/" + CACHE + "/nix-cache-info")
                .then()
                .statusCode(401)
                .body(containsString("attic login"));
        given().header("Authorization", "Bearer nrx_unknown")
                .get("/_api/v1/cache-config/" + CACHE)
                .then()
                .statusCode(401)
                .body("message", not(containsString("attic")));
    }
}
