package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.narthex.archive.ArchiveRejectedException;
import dev.narthex.ecosystem.InTotoStatement;
import dev.narthex.ecosystem.ProvenanceSummary;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.UntrustedJson;
import dev.narthex.spi.UntrustedText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Digital attestations (PEP 740): validates those that twine sends with a file, and renders the provenance object with which an
 * index returns them. They are checked against the file and against the certificate that came with them. Whether that certificate
 * is trusted is decided by clients.
 */
final class PublishAttestation {
    /** Media type of the provenance object. */
    static final String CONTENT_TYPE = "application/vnd.pypi.integrity.v1+json";

    private static final JsonMapper JSON = UntrustedJson.mapper().build();

    private static final Set<String> PREDICATES =
            Set.of("https://docs.pypi.org/attestations/publish/v1", "https://slsa.dev/provenance/v1");

    /** Identities of workflows, in the formats of the two forges that PEP 740 mentions. */
    private static final Pattern GITHUB =
            Pattern.compile("https://github\\.com/([^/]+/[^/]+)/\\.github/workflows/([^@]+)@.*", Pattern.DOTALL);

    private static final Pattern GITLAB = Pattern.compile("https://gitlab\\.com/(.+?)//([^@]+)@.*", Pattern.DOTALL);

    private PublishAttestation() {}

    /**
     * @param sent value of the form field: a JSON array
     * @return one attestation per predicate type
     * @throws Refused with the reason
     */
    static List<Attestation> verify(String sent, String filename, NixHash sha256) throws ArchiveRejectedException {
        var all = InTotoStatement.any(sent.getBytes(StandardCharsets.UTF_8), "The field");
        if (!all.isArray() || all.isEmpty() || all.size() > PREDICATES.size()) {
            throw new ArchiveRejectedException("The field is no JSON array of one or two attestations.");
        }
        var kinds = new HashSet<String>();
        var judged = new ArrayList<Attestation>();
        for (var node : all) {
            var attestation = verifyOne(node, filename, sha256);
            if (!kinds.add(attestation.summary().predicateType())) {
                throw new ArchiveRejectedException("There are two of one kind.");
            }
            judged.add(attestation);
        }
        return judged;
    }

    private static Attestation verifyOne(JsonNode node, String filename, NixHash sha256)
            throws ArchiveRejectedException {
        if (node.path("version").asInt(0) != 1) {
            throw new ArchiveRejectedException("Its version is not supported.");
        }
        var material = node.path("verification_material");
        if (!material.path("transparency_entries").isArray()
                || material.path("transparency_entries").isEmpty()) {
            throw new ArchiveRejectedException("It names no entry of a transparency log.");
        }
        var certificate = certificate(material);
        var payload = InTotoStatement.base64(node.path("envelope").path("statement"), "Its statement");
        var statement = InTotoStatement.of(payload, filename, sha256);
        if (!PREDICATES.contains(statement.predicateType())) {
            throw new ArchiveRejectedException("It is “" + UntrustedText.line(statement.predicateType())
                    + "”, which is neither a publish attestation nor SLSA provenance.");
        }
        var signature = InTotoStatement.base64(node.path("envelope").path("signature"), "Its signature");
        if (!InTotoStatement.signed(payload, signature, certificate.getPublicKey())) {
            throw new ArchiveRejectedException("It was not signed by the key in its certificate.");
        }
        return new Attestation(
                new Attestation.Summary(statement.predicateType(), ProvenanceSummary.of(statement, certificate)),
                node.toString());
    }

    private static X509Certificate certificate(JsonNode material) throws ArchiveRejectedException {
        return InTotoStatement.certificate(InTotoStatement.base64(material.path("certificate"), "Its certificate"));
    }

    /** Returns the provenance object of a file; attestations of one publisher form a bundle. */
    static byte[] provenance(List<Attestation> attestations) throws IOException {
        var json = JSON.createObjectNode().put("version", 1);
        var bundles = json.putArray("attestation_bundles");
        var byPublisher = new LinkedHashMap<JsonNode, ArrayNode>();
        for (var attestation : attestations) {
            var body = JSON.readTree(attestation.bundle());
            byPublisher
                    .computeIfAbsent(publisher(body), publisher -> bundle(bundles, publisher))
                    .add(body);
        }
        return JSON.writeValueAsBytes(json);
    }

    private static ArrayNode bundle(ArrayNode bundles, JsonNode publisher) {
        var bundle = bundles.addObject();
        bundle.set("publisher", publisher);
        return bundle.putArray("attestations");
    }

    /** Returns the identity in the certificate. */
    private static JsonNode publisher(JsonNode body) throws IOException {
        var identity = signer(body).orElse("");
        var publisher = JSON.createObjectNode();
        var github = GITHUB.matcher(identity);
        var gitlab = GITLAB.matcher(identity);
        if (github.matches()) {
            return publisher
                    .put("kind", "GitHub")
                    .put("repository", github.group(1))
                    .put("workflow", github.group(2));
        }
        return gitlab.matches()
                ? publisher
                        .put("kind", "GitLab")
                        .put("repository", gitlab.group(1))
                        .put("workflow_filepath", gitlab.group(2))
                : publisher.put("kind", "Other").put("identity", identity);
    }

    private static Optional<String> signer(JsonNode body) throws IOException {
        return ProvenanceSummary.signer(certificate(body.path("verification_material")));
    }
}
