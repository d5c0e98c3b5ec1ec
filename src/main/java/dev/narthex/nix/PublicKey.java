package dev.narthex.nix;

import dev.narthex.problem.Problem;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;

/**
 * A key that verifies signatures, written {@code <name>:<base64>} as in {@code trusted-public-keys}.
 *
 * @param raw the 32 bytes of RFC 8032 section 5.1.2; copied in and out
 */
public record PublicKey(String name, byte[] raw) {
    static final int SIZE = 32;

    public PublicKey {
        NamedKeyFormat.requireName(name);
        if (raw.length != SIZE) {
            throw Problem.malformed("public key", name, "expected 32 bytes.");
        }
        raw = raw.clone();
    }

    public static PublicKey parse(String text) {
        var parts = NamedKeyFormat.parse("public key", text, SIZE);
        return new PublicKey(parts.name(), parts.bytes());
    }

    static PublicKey of(String name, EdECPublicKey key) {
        var y = key.getPoint().getY().toByteArray();
        var raw = new byte[SIZE];
        for (int i = 0; i < Math.min(SIZE, y.length); i++) {
            raw[i] = y[y.length - 1 - i];
        }
        if (key.getPoint().isXOdd()) {
            raw[SIZE - 1] |= (byte) 0x80;
        }
        return new PublicKey(name, raw);
    }

    /** Whether the signature names this key and is valid. Also false if the key's bytes are not a point of the curve. */
    public boolean verifies(String fingerprint, Signature signature) {
        if (!name.equals(signature.keyName())) {
            return false;
        }
        try {
            var verifier = java.security.Signature.getInstance("Ed25519");
            verifier.initVerify(KeyFactory.getInstance("Ed25519")
                    .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point())));
            verifier.update(fingerprint.getBytes(StandardCharsets.UTF_8));
            return verifier.verify(signature.bytes());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public byte[] raw() {
        return raw.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PublicKey key && name.equals(key.name) && Arrays.equals(raw, key.raw);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(raw);
    }

    @Override
    public String toString() {
        return name + ":" + CanonicalBase64.encode(raw);
    }

    /** Decodes the point: little-endian y; the top bit is the lowest bit of x. */
    private EdECPoint point() {
        var y = new byte[SIZE];
        for (int i = 0; i < SIZE; i++) {
            y[i] = raw[SIZE - 1 - i];
        }
        boolean odd = (y[0] & 0x80) != 0;
        y[0] &= 0x7f;
        return new EdECPoint(odd, new BigInteger(1, y));
    }
}
