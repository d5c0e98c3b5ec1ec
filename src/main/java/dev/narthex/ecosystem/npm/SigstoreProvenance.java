package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.archive.ArchiveRejectedException;
import dev.narthex.ecosystem.InTotoStatement;
import dev.narthex.ecosystem.ProvenanceSummary;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.UntrustedText;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.regex.Pattern;

/**
 * Validates the provenance of a tarball, signed by its builder: SLSA provenance (v0.2 and v1) in a Sigstore bundle, which npm
 * sends with the tarball (npm/cli workspaces/libnpmpublish/lib/provenance.js).
 */
final class SigstoreProvenance {
    private static final Pattern MEDIA_TYPE = Pattern.compile(
            "application/vnd\\.dev\\.sigstore\\.bundle(\\+json;version=0\\.[1-9]|\\.v0\\.[1-9]\\+json)");
    private static final String SLSA = "https://slsa.dev/provenance/";

    private SigstoreProvenance() {}

    /**
     * Checks a bundle against the tarball and against its own certificate.
     *
     * @param bundle as it was sent
     * @param sha512 of the tarball
     * @throws Refused with the reason
     */
    static Attestation verify(String bundle, NpmName name, NpmVersion version, NixHash sha512)
            throws ArchiveRejectedException {
        if (bundle.length() > InTotoStatement.BYTES) {
            throw new ArchiveRejectedException("It has more than " + InTotoStatement.BYTES + " bytes.");
        }
        var json = InTotoStatement.json(bundle.getBytes(StandardCharsets.UTF_8), "It");
        if (!MEDIA_TYPE.matcher(json.path("mediaType").asText("")).matches()) {
            throw new ArchiveRejectedException("It is no bundle of Sigstore's.");
        }
        var envelope = json.path("dsseEnvelope");
        InTotoStatement.requireInToto(envelope.path("payloadType").asText(""));
        var payload = InTotoStatement.base64(envelope.path("payload"), "Its payload");
        var statement = InTotoStatement.of(payload, purl(name, version), sha512);
        if (!statement.predicateType().startsWith(SLSA)) {
            throw new ArchiveRejectedException(
                    "It is “" + UntrustedText.line(statement.predicateType()) + "”, not a provenance of SLSA's.");
        }
        var material = json.path("verificationMaterial");
        if (material.path("tlogEntries").isEmpty()) {
            throw new ArchiveRejectedException("It names no entry of a transparency log.");
        }
        var certificate = certificate(material);
        if (envelope.path("signatures").size() != 1) {
            throw new ArchiveRejectedException("It must have one signature.");
        }
        var signature =
                InTotoStatement.base64(envelope.path("signatures").path(0).path("sig"), "Its signature");
        if (!InTotoStatement.signed(payload, signature, certificate.getPublicKey())) {
            throw new ArchiveRejectedException("It was not signed by the key in its certificate.");
        }
        return new Attestation(
                new Attestation.Summary(statement.predicateType(), ProvenanceSummary.of(statement, certificate)),
                bundle);
    }

    /** Returns the package URL that npm uses as the subject name. */
    static String purl(NpmName name, NpmVersion version) {
        return "pkg:npm/" + name.toString().replaceFirst("^@", "%40") + "@" + version;
    }

    private static X509Certificate certificate(JsonNode material) throws ArchiveRejectedException {
        var chain = material.path("x509CertificateChain").path("certificates").path(0);
        var leaf = material.has("certificate") ? material.path("certificate") : chain;
        return InTotoStatement.certificate(InTotoStatement.base64(leaf.path("rawBytes"), "Its certificate"));
    }
}
