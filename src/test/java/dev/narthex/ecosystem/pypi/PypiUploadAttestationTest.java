package dev.narthex.ecosystem.pypi;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.TestDatabase;
import dev.narthex.ecosystem.support.SigningKeyFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attestations that match their file are served and shown; all others are refused. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PypiUploadAttestationTest extends PypiUploadSetup {
    @Test
    void attestationIsServedAndShown(@TempDir Path scratch) throws Exception {
        var key = SigningKeyFixture.make(scratch, AttestationFixture.SIGNER);
        var upload = UploadFormFixture.wheel("oar", "1.0");
        var publish = AttestationFixture.attestation(
                key, AttestationFixture.statement(upload.filename, upload.file, AttestationFixture.PUBLISH));
        var build = AttestationFixture.attestation(
                key, AttestationFixture.statement(upload.filename, upload.file, AttestationFixture.SLSA));
        post(upload.field("attestations", "[" + publish + "," + build + "]"))
                .then()
                .statusCode(200);
        post(UploadFormFixture.sdist("oar", "1.0")).then().statusCode(200);
        String url = page("oar").path("files[0].provenance");
        assertTrue(url.startsWith("http://") && url.endsWith(".whl.provenance"), url);
        page("oar").then().body("files[1].provenance", equalTo(null));
        given().accept("text/html")
                .get(at("simple/oar/"))
                .then()
                .body(containsString(" data-provenance=\"" + url + "\""));
        var provenance = given().urlEncodingEnabled(false).get(URI.create(url).getRawPath());
        provenance
                .then()
                .statusCode(200)
                .contentType(equalTo("application/vnd.pypi.integrity.v1+json"))
                .body("version", equalTo(1))
                .body("attestation_bundles.size()", equalTo(1))
                .body("attestation_bundles[0].publisher.kind", equalTo("GitHub"))
                .body("attestation_bundles[0].publisher.repository", equalTo("boat/oar"))
                .body("attestation_bundles[0].publisher.workflow", equalTo("release.yml"))
                .body("attestation_bundles[0].attestations.size()", equalTo(2));
        assertTrue(provenance.asString().contains(publish.toString()), provenance.asString());
        assertTrue(provenance.asString().contains(build.toString()), provenance.asString());
        given().urlEncodingEnabled(false)
                .get(URI.create(url).getRawPath().replace("oar-1.0-py3-none-any.whl", "oar-1.0.tar.gz"))
                .then()
                .statusCode(404);
        given().get("/" + cache.name() + "/pypi/oar@1.0")
                .then()
                .body(containsString(AttestationFixture.SIGNER))
                .body(containsString("signed with the key in its certificate"));
    }

    @Test
    void invalidAttestationsAreRefused(@TempDir Path scratch) throws Exception {
        var key = SigningKeyFixture.make(scratch, AttestationFixture.SIGNER);
        var upload = good();
        var statement = AttestationFixture.statement(upload.filename, upload.file, AttestationFixture.PUBLISH);
        var right = AttestationFixture.attestation(key, statement);
        var otherFile = AttestationFixture.statement(upload.filename, new byte[1], AttestationFixture.PUBLISH);
        var otherName =
                AttestationFixture.statement("oar-1.1-py3-none-any.whl", upload.file, AttestationFixture.PUBLISH);
        var otherKind = AttestationFixture.statement(upload.filename, upload.file, "https://example.org/other/v1");
        var otherSigned = right.deepCopy();
        ((ObjectNode) otherSigned.path("envelope"))
                .put(
                        "statement",
                        AttestationFixture.attestation(key, otherKind)
                                .path("envelope")
                                .path("statement")
                                .asText());
        var noLog = right.deepCopy();
        ((ObjectNode) noLog.path("verification_material")).putArray("transparency_entries");
        var noCertificate = right.deepCopy();
        ((ObjectNode) noCertificate.path("verification_material")).put("certificate", "AAAA");
        var otherVersion = right.deepCopy().put("version", 2);
        var unsigned = right.deepCopy();
        ((ObjectNode) unsigned.path("envelope")).remove("signature");
        var forged = right.deepCopy();
        ((ObjectNode) forged.path("envelope")).put("signature", key.signature(new byte[1]));
        var cases = List.of(
                Map.entry("[" + AttestationFixture.attestation(key, otherFile) + "]", "about another file"),
                Map.entry("[" + AttestationFixture.attestation(key, otherName) + "]", "It is about"),
                Map.entry("[" + AttestationFixture.attestation(key, otherKind) + "]", "neither a publish attestation"),
                Map.entry("[" + otherSigned + "]", "neither a publish attestation"),
                Map.entry("[" + noLog + "]", "transparency log"),
                Map.entry("[" + noCertificate + "]", "certificate"),
                Map.entry("[" + otherVersion + "]", "version"),
                Map.entry("[" + unsigned + "]", "Its signature"),
                Map.entry("[" + forged + "]", "not signed by the key"),
                Map.entry("[" + right + "," + right + "]", "two of one kind"),
                Map.entry("[]", "no JSON array"),
                Map.entry(right.toString(), "no JSON array"),
                Map.entry("[" + "[".repeat(5000), "no JSON"),
                Map.entry("nothing", "no JSON"));
        for (var entry : cases) {
            var answer = post(good().field("attestations", entry.getKey()));
            answer.then()
                    .statusCode(400)
                    .statusLine(containsString("Invalid attestations supplied during upload: "))
                    .body(containsString(entry.getValue()));
        }
        assertEquals(0, kept());
    }
}
