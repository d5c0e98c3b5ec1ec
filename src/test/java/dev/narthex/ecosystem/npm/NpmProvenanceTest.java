package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Provenance that npm sends with a package. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NpmProvenanceTest extends NpmPublishSetup {

    @Test
    void provenanceIsServedAndShown(@TempDir Path scratch) throws Exception {
        var sending = PublishRequestFixture.of("@boat/oar", "1.0.0");
        var bundle = SigstoreBundleFixture.make(scratch)
                .bundle(SigstoreBundleFixture.statement(sending))
                .toString();
        put(SigstoreBundleFixture.with(sending, bundle)).then().statusCode(201);
        put(PublishRequestFixture.of("@boat/oar", "1.0.0")).then().statusCode(200);
        var dist = given().urlEncodingEnabled(false).get(at("@boat%2foar")).jsonPath();
        assertEquals(
                SigstoreBundleFixture.V1,
                dist.getString("versions.'1.0.0'.dist.attestations.provenance.predicateType"));
        var url = URI.create(dist.getString("versions.'1.0.0'.dist.attestations.url"));
        assertEquals(at("-/npm/v1/attestations/@boat/oar@1.0.0"), url.getPath());
        var answer = given().urlEncodingEnabled(false).get(url.getPath());
        answer.then()
                .statusCode(200)
                .body("attestations.size()", equalTo(1))
                .body("attestations[0].predicateType", equalTo(SigstoreBundleFixture.V1));
        assertTrue(answer.asString().contains("\"bundle\":" + bundle), answer.asString());
        given().urlEncodingEnabled(false)
                .get("/" + cache.name() + "/npm/@boat/oar@1.0.0")
                .then()
                .statusCode(200)
                .body(containsString("<a href=\"https://forge.example/boat/oar\""))
                .body(containsString("4b825dc642cb6eb9a060e54bf8d69288fbee4904"))
                .body(containsString(SigstoreBundleFixture.SIGNER));
    }

    @Test
    void packageWithoutProvenanceHasNone() {
        put(PublishRequestFixture.of("oar", "1.0.0")).then().statusCode(201);
        assertNull(given().get(at("oar/1.0.0")).path("dist.attestations"));
        for (var subject : List.of("oar@1.0.0", "oar@2.0.0", "mast@1.0.0", "oar", "@", "")) {
            refused(given().get(at("-/npm/v1/attestations/" + subject)), 404, "");
        }
    }

    @Test
    void invalidProvenanceIsRefused(@TempDir Path scratch) throws Exception {
        var builder = SigstoreBundleFixture.make(scratch);
        Consumer<ObjectNode> asIs = json -> {};
        Consumer<ObjectNode> otherFile = s -> ((ObjectNode) s.at("/subject/0/digest")).put("sha512", "00");
        Consumer<ObjectNode> otherName = s -> ((ObjectNode) s.at("/subject/0")).put("name", "pkg:npm/mast@1.0.0");
        Consumer<ObjectNode> two = s -> ((ArrayNode) s.path("subject")).addObject();
        Consumer<ObjectNode> otherKind = s -> s.put("predicateType", "https://forge.example/gossip/v1");
        Consumer<ObjectNode> otherPayload = b -> ((ObjectNode) b.path("dsseEnvelope"))
                .put(
                        "payload",
                        Base64.getEncoder()
                                .encodeToString(
                                        SigstoreBundleFixture.statement(PublishRequestFixture.of("oar", "1.0.0"))
                                                .put("more", 1)
                                                .toString()
                                                .getBytes(StandardCharsets.UTF_8)));
        Consumer<ObjectNode> noLog = b -> ((ObjectNode) b.path("verificationMaterial")).putArray("tlogEntries");
        Consumer<ObjectNode> noCertificate = b -> ((ObjectNode) b.path("verificationMaterial")).remove("certificate");
        Consumer<ObjectNode> otherMedia = b -> b.put("mediaType", "text/plain");
        Consumer<ObjectNode> otherEnvelope =
                b -> ((ObjectNode) b.path("dsseEnvelope")).put("payloadType", "text/plain");
        Consumer<ObjectNode> unsigned = b -> ((ObjectNode) b.path("dsseEnvelope")).putArray("signatures");
        var cases = List.of(
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), otherFile, asIs), "another file"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), otherName, asIs), "pkg:npm/oar@1.0.0"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), two, asIs), "one file"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), otherKind, asIs), "SLSA"),
                Map.entry(
                        builder.with(PublishRequestFixture.of("oar", "1.0.0"), asIs, otherPayload),
                        "not signed by the key"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), asIs, noLog), "transparency log"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), asIs, noCertificate), "certificate"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), asIs, otherMedia), "bundle"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), asIs, otherEnvelope), "payload"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), asIs, unsigned), "one signature"),
                Map.entry(SigstoreBundleFixture.with(PublishRequestFixture.of("oar", "1.0.0"), "[]"), "no JSON object"),
                Map.entry(
                        SigstoreBundleFixture.with(
                                PublishRequestFixture.of("oar", "1.0.0"), "{" + "\"a\":[".repeat(80)),
                        "no JSON object"),
                Map.entry(
                        SigstoreBundleFixture.with(
                                PublishRequestFixture.of("oar", "1.0.0"), "{}" + " ".repeat(1 << 20)),
                        "more than"));
        for (var entry : cases) {
            refused(put(entry.getKey()), 400, entry.getValue());
        }
        assertEquals(0, kept());
    }
}
