package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Signer;
import java.util.Base64;

/**
 * Creates the signatures that {@code npm audit signatures} verifies (npm docs, about registry signatures; npm/pacote
 * lib/registry.js).
 */
record RegistrySignatures(Signer signer) {
    /** Route of the keys, relative to the registry's own routes. */
    static final String KEYS = "npm/v1/keys";

    private static final String KIND = "ecdsa-sha2-nistp256";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Returns the response of the keys route. */
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

    /** Signs one version with the newest key. */
    ArrayNode signatures(String name, String version, NixHash integrity) {
        var signed = signer.sign(name + "@" + version + ":" + integrity.sri());
        var signatures = NODES.arrayNode();
        signatures
                .addObject()
                .put("keyid", keyId())
                .put("sig", Base64.getEncoder().encodeToString(signed));
        return signatures;
    }

    /** Returns the id of the key that signs now. */
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
