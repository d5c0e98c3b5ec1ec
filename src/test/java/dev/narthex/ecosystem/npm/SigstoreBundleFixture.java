package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.ecosystem.support.SigningKeyFixture;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Creates Sigstore bundles like a CI build, with a key and a certificate. */
public final class SigstoreBundleFixture {
    public static final String SIGNER = "https://forge.example/boat/oar/.forge/workflows/release.yml@refs/tags/v1";
    static final String V1 = "https://slsa.dev/provenance/v1";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SigningKeyFixture key;

    private SigstoreBundleFixture(SigningKeyFixture key) {
        this.key = key;
    }

    /** @param scratch an empty folder */
    public static SigstoreBundleFixture make(Path scratch) throws Exception {
        return new SigstoreBundleFixture(SigningKeyFixture.make(scratch, SIGNER));
    }

    /** Returns a statement about this tarball, as builders create it. */
    public static ObjectNode statement(PublishRequestFixture of) {
        var json = JSON.createObjectNode()
                .put("_type", "https://in-toto.io/Statement/v1")
                .put("predicateType", V1);
        var subject = json.putArray("subject").addObject();
        subject.put("name", "pkg:npm/" + of.name.replace("@", "%40") + "@" + of.version);
        subject.putObject("digest")
                .put("sha512", HexFormat.of().formatHex(PublishRequestFixture.digest("SHA-512", of.tarball)));
        var predicate = json.putObject("predicate");
        var build = predicate.putObject("buildDefinition");
        build.putObject("externalParameters")
                .putObject("workflow")
                .put("repository", "https://forge.example/boat/oar")
                .put("ref", "refs/tags/v1")
                .put("path", ".forge/workflows/release.yml");
        build.putArray("resolvedDependencies")
                .addObject()
                .putObject("digest")
                .put("gitCommit", "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
        predicate.putObject("runDetails").putObject("builder").put("id", "https://forge.example/runner");
        return json;
    }

    public ObjectNode bundle(ObjectNode statement) throws Exception {
        var payload = JSON.writeValueAsBytes(statement);
        var json = JSON.createObjectNode().put("mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json");
        var material = json.putObject("verificationMaterial");
        material.putObject("certificate").put("rawBytes", key.certificate());
        material.putArray("tlogEntries").addObject().put("logIndex", "1");
        var envelope = json.putObject("dsseEnvelope")
                .put("payload", base64(payload))
                .put("payloadType", "application/vnd.in-toto+json");
        envelope.putArray("signatures").addObject().put("sig", key.signature(payload));
        return json;
    }

    /** Returns the document with this bundle and its tarball, as npm sends it. */
    public static PublishRequestFixture with(PublishRequestFixture sending, String bundle) {
        return sending.with(document -> ((ObjectNode) document.path("_attachments"))
                .putObject(sending.name + "-" + sending.version + ".sigstore")
                .put("content_type", "application/vnd.dev.sigstore.bundle.v0.3+json")
                .put("data", bundle)
                .put("length", bundle.length()));
    }

    public PublishRequestFixture with(
            PublishRequestFixture sending, Consumer<ObjectNode> ofStatement, Consumer<ObjectNode> ofBundle)
            throws Exception {
        var statement = statement(sending);
        ofStatement.accept(statement);
        var bundle = bundle(statement);
        ofBundle.accept(bundle);
        return with(sending, bundle.toString());
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
