package dev.narthex.ecosystem;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.narthex.archive.ArchiveRejectedException;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.UntrustedJson;
import dev.narthex.spi.UntrustedText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/**
 * A verified in-toto statement (spec v1, "Statement", and v0.1) with one subject, from a DSSE envelope (secure-systems-lab/dsse
 * protocol.md). It is checked against the file and against the key that came with it. Whether that key is trusted is decided by
 * clients, which have a root of trust.
 *
 * @param subject name of the file in its ecosystem
 * @param all the whole statement
 */
public record InTotoStatement(String subject, String predicateType, JsonNode root) {
    /** Maximum size of an attestation, in bytes. */
    public static final int BYTES = 1 << 20;

    private static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";
    private static final Set<String> TYPES =
            Set.of("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1");
    private static final int DEPTH = 50;
    private static final JsonMapper MAPPER = mapper();

    private static JsonMapper mapper() {
        var limits = StreamReadConstraints.builder()
                .maxNestingDepth(DEPTH)
                .maxStringLength(BYTES)
                .build();
        return JsonMapper.builder(UntrustedJson.factoryWithoutDuplicates(limits))
                .build();
    }

    /**
     * Parses a JSON object.
     *
     * @throws Refused with the reason
     */
    public static JsonNode json(byte[] text, String what) throws ArchiveRejectedException {
        return parse(text)
                .filter(JsonNode::isObject)
                .orElseThrow(() -> new ArchiveRejectedException(what + " is no JSON object."));
    }

    /**
     * Parses any JSON value.
     *
     * @throws Refused with the reason
     */
    public static JsonNode any(byte[] text, String what) throws ArchiveRejectedException {
        return parse(text).orElseThrow(() -> new ArchiveRejectedException(what + " is no JSON."));
    }

    private static Optional<JsonNode> parse(byte[] text) {
        try {
            return Optional.ofNullable(MAPPER.readTree(text));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** @throws Refused with the reason */
    public static byte[] base64(JsonNode text, String what) throws ArchiveRejectedException {
        try {
            if (text.isTextual() && !text.textValue().isEmpty()) {
                return Base64.getDecoder().decode(text.textValue());
            }
        } catch (IllegalArgumentException e) {
            // thrown below
        }
        throw new ArchiveRejectedException(what + " is no base64.");
    }

    /** @throws Refused with the reason */
    public static X509Certificate certificate(byte[] der) throws ArchiveRejectedException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new ArchiveRejectedException("Its certificate cannot be read.");
        }
    }

    /**
     * Parses a statement and checks that it is about this file.
     *
     * @param expected required subject name
     * @param file digest that the statement must contain
     * @throws Refused with the reason
     */
    public static InTotoStatement of(byte[] payload, String expected, NixHash file) throws ArchiveRejectedException {
        var json = json(payload, "Its statement");
        if (!TYPES.contains(json.path("_type").asText(""))) {
            throw new ArchiveRejectedException("Its statement is not an in-toto statement, version 0.1 or 1.");
        }
        if (json.path("subject").size() != 1) {
            throw new ArchiveRejectedException("Its statement must be about one file.");
        }
        var subject = json.path("subject").path(0);
        var name = subject.path("name").asText("");
        if (!name.equals(expected)) {
            throw new ArchiveRejectedException(
                    "It is about “" + UntrustedText.line(name) + "”, not about " + expected + ".");
        }
        var digest = subject.path("digest").path(file.algorithm().id()).asText("");
        if (!digest.equalsIgnoreCase(file.hex())) {
            throw new ArchiveRejectedException(
                    "It is about another file: its " + file.algorithm().id() + " is “" + UntrustedText.line(digest)
                            + "”, that of this file is " + file.hex() + ".");
        }
        var type = json.path("predicateType").asText("");
        if (UntrustedText.address(type).isEmpty()) {
            throw new ArchiveRejectedException("Its predicateType is no address.");
        }
        return new InTotoStatement(name, type, json);
    }

    /** Whether this key signed the envelope (DSSE v1, pre-authentication encoding). */
    public static boolean signed(byte[] payload, byte[] signature, PublicKey key) {
        try {
            var verifier = Signature.getInstance(algorithm(key));
            verifier.initVerify(key);
            verifier.update(encoded(payload));
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** @throws Refused if the envelope's payload is not an in-toto statement */
    public static void requireInToto(String payloadType) throws ArchiveRejectedException {
        if (!payloadType.equals(PAYLOAD_TYPE)) {
            throw new ArchiveRejectedException(
                    "Its payload is “" + UntrustedText.line(payloadType) + "”, not " + PAYLOAD_TYPE + ".");
        }
    }

    /** Returns the signed bytes of a payload (DSSE pre-authentication encoding). */
    public static byte[] encoded(byte[] payload) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(("DSSEv1 " + PAYLOAD_TYPE.length() + " " + PAYLOAD_TYPE + " " + payload.length + " ")
                .getBytes(StandardCharsets.UTF_8));
        out.writeBytes(payload);
        return out.toByteArray();
    }

    private static String algorithm(PublicKey key) {
        if (key instanceof ECPublicKey curve) {
            return curve.getParams().getOrder().bitLength() > 256 ? "SHA384withECDSA" : "SHA256withECDSA";
        }
        return key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "Ed25519";
    }
}
