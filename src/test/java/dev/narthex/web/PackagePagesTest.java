package dev.narthex.web;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.web.page.Format;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pages of packages: facts, tags, dependencies, install size, scripts and links. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PackagePagesTest extends PageServiceSetup {

    @Test
    void packagePageShowsOriginAndInstallCommands() {
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

    @Test
    void installSizeIncludesDependenciesInTheCache() {
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
    void dependenciesShowTheResolvedVersion() {
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
    void tagsAreShownWithADefaultLatest() {
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
    void dependenciesDoNotAddStatements() {
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

    /** Returns when nothing is pending in memory any more. */
    private static int statements(String version) {
        fleet(version);
        return RecordingDriver.ofRequests(() -> fleet(version)).size();
    }

    private static void fleet(String version) {
        page("/gallery/npm/fleet@" + version).statusCode(200);
    }

    @Test
    void relativeReadmeLinkFindsItsFile() {
        page("/gallery/npm/wick@2.0.0/files/notes.md")
                .statusCode(303)
                .header("Location", containsString("/gallery/npm/wick@2.0.0/files/package/notes.md"));
    }

    @Test
    void jsonTwinMatchesThePage() {
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
}
