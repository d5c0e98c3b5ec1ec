package dev.narthex.web.release;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.ecosystem.npm.PublishRequestFixture;
import dev.narthex.ecosystem.npm.SigstoreBundleFixture;
import dev.narthex.ecosystem.pypi.AttestationFixture;
import dev.narthex.ecosystem.support.SigningKeyFixture;
import dev.narthex.ecosystem.support.StorePathFixture;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.SecretKey;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The provenance tab: what was verified here, what the publisher states, and whether it matches the trusted publishers of the
 * cache.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ProvenancePagesTest {
    private static final String SCRIPT = "<script>alert(1)</script>";
    private static final String FORGE = "https://forge.example";

    private static int caches;

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    @TempDir
    Path scratch;

    private Cache cache;
    private PortalFixture shelf;

    @BeforeEach
    void aCacheOfItsOwn() {
        cache = people.cache("provenance-" + ++caches, true);
        shelf = new PortalFixture(cache.name(), recognition);
    }

    private ValidatableResponse page(String release) {
        return given().urlEncodingEnabled(false)
                .accept("text/html")
                .get("/" + cache.name() + "/" + release)
                .then()
                .statusCode(200);
    }

    private ValidatableResponse twin(String release) {
        return given().urlEncodingEnabled(false)
                .get("/api/" + cache.name() + "/" + release + "/provenance")
                .then()
                .statusCode(200);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static StorePath named(String name, String text) {
        return new ContentAddress.Text(NixHash.sha256(bytes(text))).storePath(name);
    }

    private static String recipe(StorePath output) {
        return "Derive([(\"out\",\"" + output + "\",\"\",\"\")],[],[],\"x86_64-linux\",\"/bin/sh\",[],"
                + "[(\"name\",\"lantern\"),(\"urls\",\"https://example.org/lantern.tgz\")])";
    }

    @Test
    void pathWithoutDeriverHasOnlySignatures() {
        var path = shelf.put("bare-1.0", PortalFixture.file(bytes("bare")));
        page("nix/bare@1.0/provenance")
                .body(containsString("Only the signature is recorded"))
                .body(containsString("/" + cache.name() + "/path/" + path.hash()));
        twin("nix/bare@1.0")
                .body("steps.name", equalTo(List.of("path", "signatures", "published")))
                .body("steps.checked", equalTo(List.of(true, true, true)))
                .body("signatures[0].publicKey", startsWith(cache.name() + ":"))
                .body("command", containsString("nix store verify --store "));
        page("nix/bare@1.0").body(containsString("Pushed by"), not(containsString("Published by")));
    }

    @Test
    void derivationIsComparedWithItsNameAndOutput() {
        var lantern = PortalFixture.path("lantern-1.0");
        var good = recipe(lantern);
        var drv = shelf.put(named("lantern-1.0.drv", good), PortalFixture.file(bytes(good)), Optional.empty());
        shelf.put(lantern, PortalFixture.file(bytes("light")), Optional.of(drv.baseName()));
        shelf.log(drv, "Running phase: buildPhase\n");
        twin("nix/lantern@1.0")
                .body(
                        "steps.name",
                        equalTo(List.of("source", "derivation", "build", "path", "signatures", "published")))
                .body("steps.checked", equalTo(List.of(false, true, false, true, true, true)))
                .body("source.fetched.address", equalTo(List.of("https://example.org/lantern.tgz")))
                .body("build.system", equalTo("x86_64-linux"));
        page("nix/lantern@1.0/provenance")
                .body(containsString("6 steps from source to package. 4 were checked here; 2 are claimed by"))
                .body(containsString("Its text matches its hash, and its output is the path below"))
                .body(containsString("/path/" + lantern.hash() + "/log"));
        var misnamed = shelf.put("oar-1.0.drv", PortalFixture.file(bytes(recipe(PortalFixture.path("oar-1.0")))));
        shelf.put(PortalFixture.path("oar-1.0"), PortalFixture.file(bytes("oar")), Optional.of(misnamed.baseName()));
        page("nix/oar@1.0/provenance").body(containsString("Its text does not match its hash"));
        var others = shelf.put(named("mast-1.0.drv", good), PortalFixture.file(bytes(good)), Optional.empty());
        shelf.put(PortalFixture.path("mast-1.0"), PortalFixture.file(bytes("mast")), Optional.of(others.baseName()));
        page("nix/mast@1.0/provenance").body(containsString("It does not name the path below as its output"));
        shelf.put(
                PortalFixture.path("sail-1.0"),
                PortalFixture.file(bytes("sail")),
                Optional.of("0".repeat(32) + "-sail-1.0.drv"));
        page("nix/sail@1.0/provenance").body(containsString("It was not pushed"));
        twin("nix/sail@1.0").body("steps[0].name", equalTo("derivation")).body("steps[0].checked", equalTo(false));
    }

    @Test
    void invalidSignatureIsShownFirst() {
        var builder = SecretKey.generate("builder-4");
        var stranger = SecretKey.generate("builder-7");
        people.run(
                "insert into cache_key (cache_id, name, public_key, signing) values (%d, 'builder-4', '\\x%s', false)"
                        .formatted(
                                cache.id(),
                                HexFormat.of().formatHex(builder.publicKey().raw())));
        shelf.put(
                PortalFixture.path("good-1.0"),
                PortalFixture.file(bytes("good")),
                Optional.empty(),
                fingerprint -> List.of(builder.sign(fingerprint), stranger.sign(fingerprint)));
        shelf.put(
                PortalFixture.path("forged-1.0"),
                PortalFixture.file(bytes("forged")),
                Optional.empty(),
                fingerprint -> List.of(new Signature(
                        "builder-4", builder.sign("of something else").bytes())));
        page("nix/good@1.0/provenance")
                .body(containsString("Valid, signed by a builder that this cache trusts"))
                .body(containsString(builder.publicKey().toString()))
                .body(containsString("Unknown key"))
                .body(not(containsString("A signature is bad")));
        var forged = page("nix/forged@1.0/provenance").extract().asString();
        int notice = forged.indexOf("A signature is bad");
        assertTrue(notice > 0 && notice < forged.indexOf("class=\"chain\""), forged);
        page("nix/good@1.0/versions").body(matchesPattern("(?s).*</svg>\\s*builder-4</span>.*"));
        page("nix/forged@1.0/versions").body(matchesPattern("(?s).*</svg>\\s*Bad signature</span>.*"));
        twin("nix/forged@1.0")
                .body("steps.find { it.name == 'signatures' }.checked", equalTo(false))
                .body("signatures.find { it.key == 'builder-4' }.state", equalTo("bad"));
    }

    @Test
    void differentBytesOfThePathAreReported() {
        var path = shelf.put("wick-1.0", PortalFixture.file(bytes("one")));
        var before = page("nix/wick@1.0/provenance").extract().header("ETag");
        try {
            shelf.put(path, PortalFixture.file(bytes("two")), Optional.empty());
        } catch (AssertionError refused) {
            assertTrue(refused.getMessage().contains("409"), refused.getMessage());
        }
        var after = page("nix/wick@1.0/provenance").body(containsString("Pushed with other bytes"));
        assertNotEquals(before, after.extract().header("ETag"));
        twin("nix/wick@1.0").body("build.others.signer", equalTo(List.of("unsigned")));
    }

    @Test
    void derivedTarballLinksToItsTree() {
        var tree = shelf.put(
                "pear-1.0.0",
                new StorePathFixture()
                        .file("lib/node_modules/pear/package.json", "{\"name\":\"pear\",\"version\":\"1.0.0\"}")
                        .file("lib/node_modules/pear/index.js", "1\n")::write);
        twin("npm/pear@1.0.0")
                .body("path.path", equalTo(tree.toString()))
                .body("file.origin", equalTo("derived"))
                .body("file.integrity", startsWith("sha512-"))
                .body("publisher.as.name", equalTo(List.of("pear")));
        page("npm/pear@1.0.0/provenance").body(containsString("Built here from the tree in the path above"));
    }

    // ── attestations of files ──

    private void publish(String name, Consumer<ObjectNode> ofStatement) throws Exception {
        var folder = scratch.resolve(name.replaceAll("\\W", "-"));
        Files.createDirectories(folder);
        var sending =
                SigstoreBundleFixture.make(folder).with(PublishRequestFixture.of(name, "1.0.0"), ofStatement, _ -> {});
        given().header("Authorization", "Bearer " + PortalFixture.token())
                .contentType("application/json")
                .body(sending.body())
                .put("/registry/" + cache.name() + "/npm/" + name)
                .then()
                .statusCode(201);
    }

    private void rule(String packages, String repository) {
        people.run("""
                insert into trust_rule (cache_id, ecosystem, packages, issuer, claims, created_at)
                values (%d, 'npm', '%s', '%s', '{"repository": "%s"}', now() - interval '1 hour')""".formatted(cache.id(), packages, FORGE, repository));
    }

    @Test
    void statementIsComparedWithTrustedPublishers() throws Exception {
        publish("fits", _ -> {});
        publish("another", _ -> {});
        publish("free", _ -> {});
        var before = page("npm/fits@1.0.0/provenance")
                .body(containsString("4b825dc642cb6eb9a060e54bf8d69288fbee4904"))
                .body(containsString(SigstoreBundleFixture.SIGNER))
                .body(containsString("It refers to this file and is signed with the key in its certificate"))
                .body(not(containsString("trusted publisher rule")))
                .extract()
                .header("ETag");
        twin("npm/fits@1.0.0")
                .body(
                        "steps.name",
                        equalTo(List.of("source", "build", "path", "file", "signatures", "statements", "published")))
                .body("source.stated.label", equalTo(List.of("Source", "Commit")))
                .body("build.stated.label", equalTo(List.of("Workflow", "Builder")))
                .body("statements[0].says.label", equalTo(List.of("Signed for")))
                .body("statements[0].fit", equalTo("no rule"));
        rule("fits", "boat/*");
        rule("another", "boat/oar-fork");
        var after = page("npm/fits@1.0.0/provenance")
                .body(containsString("Names the repository of the trusted publisher rule"))
                .body(containsString("Not by a trusted publisher"));
        assertNotEquals(before, after.extract().header("ETag"));
        page("npm/another@1.0.0/provenance")
                .body(containsString("A statement about it names another repository"))
                .body(containsString("Names another repository than the trusted publisher rule"))
                .body(not(containsString("oar-fork")));
        twin("npm/free@1.0.0").body("statements[0].fit", equalTo("no rule"));
    }

    @Test
    void statementsAreEscaped() throws Exception {
        publish("hostile", statement -> {
            var predicate = (ObjectNode) statement.path("predicate");
            var workflow = (ObjectNode)
                    predicate.path("buildDefinition").path("externalParameters").path("workflow");
            workflow.put("repository", FORGE + "/\"><img src=x onerror=alert(1)>");
            workflow.put("path", SCRIPT + "\u202e" + "x".repeat(5000));
            ((ObjectNode) predicate.path("runDetails").path("builder")).put("id", "javascript:alert(1)");
        });
        rule("hostile", "boat/oar");
        var html = page("npm/hostile@1.0.0/provenance").extract().asString();
        assertTrue(!html.contains(SCRIPT) && !html.contains("<img src=x") && !html.contains("href=\"javascript"), html);
        assertTrue(html.contains("&lt;script&gt;") && html.contains("javascript:alert(1)"), html);
        twin("npm/hostile@1.0.0").body("statements[0].fit", equalTo("unsaid"));
    }

    @Test
    void equalStatementsOfFilesAreMerged() throws Exception {
        var key = SigningKeyFixture.make(scratch, AttestationFixture.SIGNER);
        var shown = List.of("nx_bell-1.0-py3-none-any.whl", "nx_bell-1.0-py2-none-any.whl");
        for (var name : shown) {
            var tag = name.replaceFirst(".*-1\\.0-", "").replace(".whl", "");
            var wheel = PortalFixture.wheel(
                    "nx_bell-1.0.dist-info",
                    "nx_bell.py",
                    "",
                    "nx_bell-1.0.dist-info/METADATA",
                    "Metadata-Version: 2.1\nName: nx-bell\nVersion: 1.0\n",
                    "nx_bell-1.0.dist-info/WHEEL",
                    "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: " + tag + "\n");
            var attestation = AttestationFixture.attestation(
                    key, AttestationFixture.statement(name, wheel, AttestationFixture.PUBLISH));
            given().header("Authorization", "Bearer " + PortalFixture.token())
                    .multiPart(":action", "file_upload")
                    .multiPart("protocol_version", "1")
                    .multiPart("filetype", "bdist_wheel")
                    .multiPart("pyversion", tag.substring(0, 3))
                    .multiPart("metadata_version", "2.1")
                    .multiPart("name", "nx-bell")
                    .multiPart("version", "1.0")
                    .multiPart("sha256_digest", NixHash.sha256(wheel).hex())
                    .multiPart("attestations", "[" + attestation + "]")
                    .multiPart("content", name, wheel)
                    .post("/registry/" + cache.name() + "/pypi/legacy/")
                    .then()
                    .statusCode(200);
        }
        twin("pypi/nx-bell@1.0")
                .body("statements.kind", equalTo(List.of(AttestationFixture.PUBLISH)))
                .body("statements[0].files", equalTo(shown.stream().sorted().toList()));
    }

    // ── publisher ──

    @Test
    void publisherIsShownByIdentityNotByLabel() {
        long person = people.person(false);
        people.member(cache, person, Role.PUBLISHER);
        var token = people.token(person);
        people.run("update token set label = 'CI repo:boat/oar' where id = (select max(id) from token)");
        given().header("Authorization", "Bearer " + token)
                .contentType("application/json")
                .body(PublishRequestFixture.of("wharf", "1.0.0").body())
                .put("/registry/" + cache.name() + "/npm/wharf")
                .then()
                .statusCode(201);
        page("npm/wharf@1.0.0").body(allOf(containsString("Published by"), containsString("token CI repo:boat/oar")));
        twin("npm/wharf@1.0.0").body("publisher.run", equalTo(null));
        page("npm/wharf@1.0.0/provenance").body(not(containsString("A CI run")));
        people.run(
                "update release set published_by = 'person:12:anna' where package_id in (select id from package where cache_id = "
                        + cache.id() + ")");
        page("npm/wharf@1.0.0?x").body(containsString(">anna, <a"));
        people.run(
                "update release set published_by = null where package_id in (select id from package where cache_id = "
                        + cache.id() + ")");
        twin("npm/wharf@1.0.0").body("steps.find { it.name == 'published' }.checked", equalTo(false));
    }

    @Test
    void privateProvenanceIsAbsentForOthers() {
        var hidden = people.cache("provenance-hidden", false);
        new PortalFixture(hidden.name(), recognition).put("secret-1.0", PortalFixture.file(bytes("secret")));
        for (var tab : List.of("provenance", "security")) {
            given().accept("text/html")
                    .get("/" + hidden.name() + "/nix/secret@1.0/" + tab)
                    .then()
                    .statusCode(404);
            given().get("/api/" + hidden.name() + "/nix/secret@1.0/" + tab)
                    .then()
                    .statusCode(401);
        }
        assertEquals(
                404,
                given().accept("text/html")
                        .get("/" + cache.name() + "/nix/none@1.0/provenance")
                        .statusCode());
    }
}
