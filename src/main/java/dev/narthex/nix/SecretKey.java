package dev.narthex.nix;

import dev.narthex.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;

/**
 * A key that signs narinfos. Nix's text form is {@code <name>:<base64 of seed and public key>}, 64 bytes; only {@link #export}
 * reveals it. Thread-safe.
 */
public final class SecretKey {
    private static final String ED25519 = "Ed25519";
    private static final int SEED_SIZE = 32;

    private final PublicKey publicKey;
    private final byte[] seed;
    private final PrivateKey key;

    private SecretKey(PublicKey publicKey, byte[] seed) {
        this.publicKey = publicKey;
        this.seed = seed;
        try {
            this.key = KeyFactory.getInstance(ED25519)
                    .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static SecretKey generate(String name) {
        NamedKeyFormat.requireName(name);
        try {
            var pair = KeyPairGenerator.getInstance(ED25519).generateKeyPair();
            var seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
            return new SecretKey(PublicKey.of(name, (EdECPublicKey) pair.getPublic()), seed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Parses the text form. Seed and public key must match. */
    public static SecretKey parse(String text) {
        var parts = NamedKeyFormat.parse("secret key", text.strip(), SEED_SIZE + PublicKey.SIZE);
        var publicKeyBytes = Arrays.copyOfRange(parts.bytes(), SEED_SIZE, SEED_SIZE + PublicKey.SIZE);
        var key = new SecretKey(new PublicKey(parts.name(), publicKeyBytes), Arrays.copyOf(parts.bytes(), SEED_SIZE));
        // With a wrong public half every signature would be invalid, and only clients would notice.
        if (!key.publicKey.verifies("", key.sign(""))) {
            throw Problem.malformed("secret key", parts.name(), "its secret and public halves do not belong together.");
        }
        return key;
    }

    public String name() {
        return publicKey.name();
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    /** @param fingerprint as returned by {@link NarInfo#fingerprint()} */
    public Signature sign(String fingerprint) {
        try {
            var signer = java.security.Signature.getInstance(ED25519);
            signer.initSign(key);
            signer.update(fingerprint.getBytes(StandardCharsets.UTF_8));
            return new Signature(name(), signer.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the secret in Nix's text form. */
    public String export() {
        var seedAndPublicKey = Arrays.copyOf(seed, SEED_SIZE + PublicKey.SIZE);
        System.arraycopy(publicKey.raw(), 0, seedAndPublicKey, SEED_SIZE, PublicKey.SIZE);
        return name() + ":" + CanonicalBase64.encode(seedAndPublicKey);
    }

    /** Returns only the name. */
    @Override
    public String toString() {
        return "SecretKey[" + name() + "]";
    }
}
