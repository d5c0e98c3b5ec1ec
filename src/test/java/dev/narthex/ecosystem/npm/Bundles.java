package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.ecosystem.Statement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Makes bundles of Sigstore's as a build in CI does, with a key and a certificate of its own. */
final class Bundles {
    static final String SIGNER = "https://forge.example/boat/oar/.forge/workflows/release.yml@refs/tags/v1";
    static final String V1 = "https://slsa.dev/provenance/v1";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final char[] PASSWORD = "password".toCharArray();

    private final PrivateKey key;
    private final byte[] certificate;

    private Bundles(PrivateKey key, byte[] certificate) {
        this.key = key;
        this.certificate = certificate;
    }

    /** @param scratch an empty folder */
    static Bundles make(Path scratch) throws Exception {
        var file = scratch.resolve("keys.p12");
        var made = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "builder",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=builder",
                        "-ext",
                        "san=uri:" + SIGNER,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        var said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (made.waitFor() != 0) {
            throw new IllegalStateException(said);
        }
        var store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return new Bundles(
                (PrivateKey) store.getKey("builder", PASSWORD),
                store.getCertificate("builder").getEncoded());
    }

    /** A statement about this tarball, as builders make it. */
    static ObjectNode statement(Sending of) {
        var json = JSON.createObjectNode()
                .put("_type", "https://in-toto.io/Statement/v1")
                .put("predicateType", V1);
        var subject = json.putArray("subject").addObject();
        subject.put("name", "pkg:npm/" + of.name.replace("@", "%40") + "@" + of.version);
        subject.putObject("digest").put("sha512", HexFormat.of().formatHex(Sending.digest("SHA-512", of.tarball)));
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

    ObjectNode bundle(ObjectNode statement) throws Exception {
        var payload = JSON.writeValueAsBytes(statement);
        var signer = Signature.getInstance("SHA256withECDSA");
        signer.initSign(key);
        signer.update(Statement.encoded(payload));
        var json = JSON.createObjectNode().put("mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json");
        var material = json.putObject("verificationMaterial");
        material.putObject("certificate").put("rawBytes", base64(certificate));
        material.putArray("tlogEntries").addObject().put("logIndex", "1");
        var envelope = json.putObject("dsseEnvelope")
                .put("payload", base64(payload))
                .put("payloadType", "application/vnd.in-toto+json");
        envelope.putArray("signatures").addObject().put("sig", base64(signer.sign()));
        return json;
    }

    /** The document with this bundle beside its tarball, as npm sends it. */
    static Sending with(Sending sending, String bundle) {
        return sending.with(document -> ((ObjectNode) document.path("_attachments"))
                .putObject(sending.name + "-" + sending.version + ".sigstore")
                .put("content_type", "application/vnd.dev.sigstore.bundle.v0.3+json")
                .put("data", bundle)
                .put("length", bundle.length()));
    }

    Sending with(Sending sending, Consumer<ObjectNode> ofStatement, Consumer<ObjectNode> ofBundle) throws Exception {
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
