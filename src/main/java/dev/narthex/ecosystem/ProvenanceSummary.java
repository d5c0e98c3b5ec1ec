package dev.narthex.ecosystem;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.Attestation.DetailLine;
import dev.narthex.spi.UntrustedText;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Extracts the lines that pages show about an attestation: SLSA provenance v0.2 and v1, and the identity in the certificate. */
public final class ProvenanceSummary {
    private static final int URI_NAME = 6;

    private ProvenanceSummary() {}

    /** Returns only the signer if the statement is not about a build. */
    public static List<DetailLine> of(InTotoStatement statement, X509Certificate certificate) {
        var predicate = statement.root().path("predicate");
        var build = predicate.path("buildDefinition");
        var workflow = build.path("externalParameters").path("workflow");
        var source = predicate.path("invocation").path("configSource");
        var lines = new ArrayList<DetailLine>();
        add(lines, Attestation.SOURCE, first(workflow.path("repository"), source.path("uri")));
        add(
                lines,
                Attestation.COMMIT,
                first(
                        build.path("resolvedDependencies")
                                .path(0)
                                .path("digest")
                                .path("gitCommit"),
                        source.path("digest").path("sha1")));
        add(lines, Attestation.WORKFLOW, first(workflow.path("path"), source.path("entryPoint")));
        add(
                lines,
                Attestation.RUN,
                first(
                        predicate.path("runDetails").path("metadata").path("invocationId"),
                        predicate.path("metadata").path("buildInvocationId")));
        add(
                lines,
                Attestation.BUILDER,
                first(
                        predicate.path("runDetails").path("builder").path("id"),
                        predicate.path("builder").path("id")));
        add(lines, Attestation.SIGNER, signer(certificate).orElse(""));
        return lines;
    }

    private static String first(JsonNode node, JsonNode other) {
        return node.isTextual() ? node.textValue() : other.asText("");
    }

    private static void add(List<DetailLine> lines, String label, String text) {
        var plain = UntrustedText.line(text);
        if (!plain.isEmpty()) {
            lines.add(new DetailLine(label, plain, UntrustedText.address(plain.replaceFirst("^git\\+", ""))));
        }
    }

    /** Finds the identity that the certificate was issued to: URI of a workflow or of a person. */
    public static Optional<String> signer(X509Certificate certificate) {
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
