package dev.narthex.nix;

import dev.narthex.problem.Problem;
import java.util.Arrays;

/**
 * An Ed25519 signature of a narinfo's fingerprint, written {@code <key name>:<base64>}.
 *
 * @param bytes 64; copied in and out
 */
public record Signature(String keyName, byte[] bytes) {
    static final int SIZE = 64;

    public Signature {
        NamedKeyFormat.requireName(keyName);
        if (bytes.length != SIZE) {
            throw Problem.malformed("signature", keyName, "expected 64 bytes.");
        }
        bytes = bytes.clone();
    }

    public static Signature parse(String text) {
        var parts = NamedKeyFormat.parse("signature", text, SIZE);
        return new Signature(parts.name(), parts.bytes());
    }

    @Override
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Signature signature
                && keyName.equals(signature.keyName)
                && Arrays.equals(bytes, signature.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return keyName + ":" + CanonicalBase64.encode(bytes);
    }
}
