package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Signer;
import java.util.Base64;

/** Signatures as {@code npm audit signatures} verifies them (npm docs, about registry signatures; npm/pacote lib/registry.js). */
record Signing(Signer signer) {
    /** Below the registry's routes. */
    static final String KEYS = "npm/v1/keys";

    private static final String KIND = "ecdsa-sha2-nistp256";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** What the registry tells of its keys. */
    ObjectNode keys() {
        var answer = NODES.objectNode();
        var keys = answer.putArray("keys");
        for (var key : signer.publicKeys()) {
            keys.addObject()
                    .putNull("expires")
                    .put("keyid", id(key))
                    .put("keytype", KIND)
                    .put("scheme", KIND)
                    .put("key", Base64.getEncoder().encodeToString(key));
        }
        return answer;
    }

    /** Of one version, by the newest key. */
    ArrayNode signatures(String name, String version, NixHash integrity) {
        var signed = signer.sign(name + "@" + version + ":" + integrity.sri());
        var signatures = NODES.arrayNode();
        signatures
                .addObject()
                .put("keyid", keyId())
                .put("sig", Base64.getEncoder().encodeToString(signed));
        return signatures;
    }

    /** Of the key that signs now. */
    String keyId() {
        return id(signer.publicKeys().getFirst());
    }

    private static String id(byte[] key) {
        return "SHA256:"
                + Base64.getEncoder()
                        .withoutPadding()
                        .encodeToString(NixHash.sha256(key).bytes());
    }
}
