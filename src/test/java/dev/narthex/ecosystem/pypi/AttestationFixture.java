package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.ecosystem.support.SigningKeyFixture;
import dev.narthex.nix.NixHash;
import java.security.GeneralSecurityException;
import java.util.Base64;

/** Creates attestations (PEP 740) like a CI build. */
public final class AttestationFixture {
    public static final String SIGNER = "https://github.com/boat/oar/.github/workflows/release.yml@refs/tags/v1";
    public static final String PUBLISH = "https://docs.pypi.org/attestations/publish/v1";
    static final String SLSA = "https://slsa.dev/provenance/v1";
    private static final ObjectMapper JSON = new ObjectMapper();

    private AttestationFixture() {}

    public static ObjectNode statement(String filename, byte[] file, String predicateType) {
        var json = JSON.createObjectNode()
                .put("_type", "https://in-toto.io/Statement/v1")
                .put("predicateType", predicateType);
        var subject = json.putArray("subject").addObject().put("name", filename);
        subject.putObject("digest").put("sha256", NixHash.sha256(file).hex());
        var predicate = json.putObject("predicate");
        if (predicateType.equals(SLSA)) {
            predicate
                    .putObject("buildDefinition")
                    .putObject("externalParameters")
                    .putObject("workflow")
                    .put("repository", "https://github.com/boat/oar");
        }
        return json;
    }

    public static ObjectNode attestation(SigningKeyFixture key, ObjectNode statement)
            throws GeneralSecurityException, JsonProcessingException {
        var payload = JSON.writeValueAsBytes(statement);
        var json = JSON.createObjectNode().put("version", 1);
        var material = json.putObject("verification_material").put("certificate", key.certificate());
        material.putArray("transparency_entries").addObject().put("logIndex", "1");
        json.putObject("envelope")
                .put("statement", Base64.getEncoder().encodeToString(payload))
                .put("signature", key.signature(payload));
        return json;
    }
}
