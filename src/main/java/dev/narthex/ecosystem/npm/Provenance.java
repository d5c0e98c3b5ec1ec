package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.ecosystem.PlainText;
import dev.narthex.ecosystem.Refused;
import dev.narthex.ecosystem.Statement;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.Attestation.Line;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a tarball comes from, as its builder signed it: SLSA provenance (v0.2 and v1) in a Sigstore bundle, which npm sends
 * beside the tarball (npm/cli workspaces/libnpmpublish/lib/provenance.js).
 */
final class Provenance {
    private static final Pattern MEDIA_TYPE = Pattern.compile(
            "application/vnd\\.dev\\.sigstore\\.bundle(\\+json;version=0\\.[1-9]|\\.v0\\.[1-9]\\+json)");
    private static final String SLSA = "https://slsa.dev/provenance/";
    private static final int URI_NAME = 6;

    private Provenance() {}

    /**
     * @param bundle as it was sent
     * @param sha512 of the tarball
     * @throws Refused says what is wrong
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
                new Attestation.Summary(statement.predicateType(), says(statement, certificate)), bundle);
    }

    /** As npm names what it signs. */
    static String purl(NpmName name, NpmVersion version) {
        return "pkg:npm/" + name.toString().replaceFirst("^@", "%40") + "@" + version;
    }

    private static X509Certificate certificate(JsonNode material) throws Refused {
        var chain = material.path("x509CertificateChain").path("certificates").path(0);
        var leaf = material.has("certificate") ? material.path("certificate") : chain;
        return Statement.certificate(Statement.base64(leaf.path("rawBytes"), "Its certificate"));
    }

    private static List<Line> says(Statement statement, X509Certificate certificate) {
        var predicate = statement.all().path("predicate");
        var build = predicate.path("buildDefinition");
        var workflow = build.path("externalParameters").path("workflow");
        var source = predicate.path("invocation").path("configSource");
        var lines = new ArrayList<Line>();
        add(lines, "Source", first(workflow.path("repository"), source.path("uri")));
        add(
                lines,
                "Commit",
                first(
                        build.path("resolvedDependencies")
                                .path(0)
                                .path("digest")
                                .path("gitCommit"),
                        source.path("digest").path("sha1")));
        add(lines, "Workflow", first(workflow.path("path"), source.path("entryPoint")));
        add(
                lines,
                "Run",
                first(
                        predicate.path("runDetails").path("metadata").path("invocationId"),
                        predicate.path("metadata").path("buildInvocationId")));
        add(
                lines,
                "Builder",
                first(
                        predicate.path("runDetails").path("builder").path("id"),
                        predicate.path("builder").path("id")));
        add(lines, "Signed for", signer(certificate).orElse(""));
        return lines;
    }

    private static String first(JsonNode one, JsonNode other) {
        return one.isTextual() ? one.textValue() : other.asText("");
    }

    private static void add(List<Line> lines, String label, String text) {
        var plain = PlainText.line(text);
        if (!plain.isEmpty()) {
            lines.add(new Line(label, plain, PlainText.address(plain.replaceFirst("^git\\+", ""))));
        }
    }

    /** The identity for which the certificate was made out: an address of a workflow, or of a person. */
    private static Optional<String> signer(X509Certificate certificate) {
        try {
            return Optional.ofNullable(certificate.getSubjectAlternativeNames()).stream()
                    .flatMap(names -> names.stream())
                    .filter(name -> Objects.equals(name.getFirst(), URI_NAME))
                    .map(name -> String.valueOf(name.get(1)))
                    .findFirst();
        } catch (CertificateParsingException e) {
            return Optional.empty();
        }
    }
}
