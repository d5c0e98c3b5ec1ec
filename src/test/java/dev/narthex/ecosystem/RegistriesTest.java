package dev.narthex.ecosystem;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.ecosystem.example.ExampleEcosystem;
import dev.narthex.ecosystem.nix.NixDetails;
import dev.narthex.ecosystem.npm.NpmDetails;
import dev.narthex.ecosystem.pypi.PypiDetails;
import dev.narthex.ecosystem.support.InMemoryRegistriesProfile;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Attestation;
import io.quarkus.qute.Engine;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Behavior common to all registries, and the registry of notes, over HTTP. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@TestProfile(InMemoryRegistriesProfile.class)
class RegistriesTest extends RegistriesSetup {
    @Inject
    Engine engine;

    @ParameterizedTest
    @ValueSource(
            strings = {
                NPM + "lantern/-/lantern-1.2.0.tgz",
                "/registry/orchard/example/shopping-3.note",
                "/registry/orchard/pypi/files/nx-lantern/%s/Nx_Lantern-3.2.1-py3-none-any.whl"
            })
    void downloadCountsIfItStartsAtTheFirstByte(String address) throws InterruptedException {
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
    void privateCacheRequestsCredentials() {
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
    void browserIsRedirectedToThePage() {
        navigate(NPM + "@harbour%2ftwo", "/orchard/npm/@harbour/two");
        navigate(NPM, "/orchard/npm");
        navigate(SIMPLE + "nx-lantern/", "/orchard/pypi/nx-lantern");
        navigate(SIMPLE, "/orchard/pypi");
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
    void missingNoteIsReportedInOneLine(String filename) {
        var answer = given().urlEncodingEnabled(false).get("/registry/orchard/example/" + filename);
        assertEquals(4, answer.statusCode() / 100);
        answer.then().contentType(startsWith("text/plain"));
        assertEquals(1, answer.asString().lines().count(), answer.asString());
    }

    @Test
    void notesOfAPrivateCacheRequestCredentials() {
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
}
