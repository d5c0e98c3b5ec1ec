package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.ecosystem.PlainText;
import dev.narthex.ecosystem.Refused;
import dev.narthex.ecosystem.Statement;
import dev.narthex.ecosystem.StatementLines;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Attestation;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.regex.Pattern;

/**
 * Validates the provenance of a tarball, signed by its builder: SLSA provenance (v0.2 and v1) in a Sigstore bundle, which npm
 * sends with the tarball (npm/cli workspaces/libnpmpublish/lib/provenance.js).
 */
final class Provenance {
    private static final Pattern MEDIA_TYPE = Pattern.compile(
            "application/vnd\\.dev\\.sigstore\\.bundle(\\+json;version=0\\.[1-9]|\\.v0\\.[1-9]\\+json)");
    private static final String SLSA = "https://slsa.dev/provenance/";

    private Provenance() {}

    /**
     * Checks a bundle against the tarball and against its own certificate.
     *
     * @param bundle as it was sent
     * @param sha512 of the tarball
     * @throws Refused with the reason
     */
    static Attestation judge(String bundle, NpmName name, NpmVersion version, NixHash sha512) throws Refused {
        if (bundle.length() > Statement.BYTES) {
            throw new Refused("It has more than " + Statement.BYTES + " bytes.");
        }
        var json = Statement.json(bundle.getBytes(StandardCharsets.UTF_8), "It");
        if (!MEDIA_TYPE.matcher(json.path("mediaType").asText("")).matches()) {
            throw new Refused("It is no bundle of Sigstore's.");
        }
        var envelope = json.path("dsseEnvelope");
        Statement.requireInToto(envelope.path("payloadType").asText(""));
        var payload = Statement.base64(envelope.path("payload"), "Its payload");
        var statement = Statement.of(payload, purl(name, version), sha512);
        if (!statement.predicateType().startsWith(SLSA)) {
            throw new Refused("It is “" + PlainText.line(statement.predicateType()) + "”, not a provenance of SLSA's.");
        }
        var material = json.path("verificationMaterial");
        if (material.path("tlogEntries").isEmpty()) {
            throw new Refused("It names no entry of a transparency log.");
        }
        var certificate = certificate(material);
        if (envelope.path("signatures").size() != 1) {
            throw new Refused("It must have one signature.");
        }
        var signature = Statement.base64(envelope.path("signatures").path(0).path("sig"), "Its signature");
        if (!Statement.signed(payload, signature, certificate.getPublicKey())) {
            throw new Refused("It was not signed by the key in its certificate.");
        }
        return new Attestation(
                new Attestation.Summary(statement.predicateType(), StatementLines.of(statement, certificate)), bundle);
    }

    /** Returns the package URL that npm uses as the subject name. */
    static String purl(NpmName name, NpmVersion version) {
        return "pkg:npm/" + name.toString().replaceFirst("^@", "%40") + "@" + version;
    }

    private static X509Certificate certificate(JsonNode material) throws Refused {
        var chain = material.path("x509CertificateChain").path("certificates").path(0);
        var leaf = material.has("certificate") ? material.path("certificate") : chain;
        return Statement.certificate(Statement.base64(leaf.path("rawBytes"), "Its certificate"));
    }
}
