package dev.narthex.publish.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.cache.RegistryKeys;
import dev.narthex.spi.Signer;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs with the key of a registry. Signatures are cached in memory, because a document with all versions of a package is made
 * again on every change.
 */
@ApplicationScoped
public class RegistrySigner {
    private static final int MAX_CACHED_SIGNATURES = 50_000;

    private final RegistryKeys keys;
    private final Cache<SignatureKey, byte[]> cache =
            Caffeine.newBuilder().maximumSize(MAX_CACHED_SIGNATURES).build();

    RegistrySigner(RegistryKeys keys) {
        this.keys = keys;
    }

    private record SignatureKey(long cacheId, String ecosystem, String text) {}

    /** Returns the signer of a registry. Its key is created on first use. */
    public Signer signerFor(long cacheId, String ecosystem) {
        return new Signer() {
            @Override
            public List<byte[]> publicKeys() {
                return List.of(keys.of(cacheId, ecosystem).getPublic().getEncoded());
            }

            @Override
            public byte[] sign(String text) {
                return cache.get(
                        new SignatureKey(cacheId, ecosystem, text),
                        key -> createSignature(keys.of(cacheId, ecosystem), text));
            }
        };
    }

    static byte[] createSignature(KeyPair pair, String text) {
        try {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            var signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(
                    pair.getPrivate(), new DeterministicNonces(pair.getPrivate().getEncoded(), bytes));
            signature.update(bytes);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Deterministic, unpredictable nonces for ECDSA, by the idea of RFC 6979 but with a different function: HMAC-SHA-512 of the
     * text under the private key. The same key and text give the same signature.
     */
    private static final class DeterministicNonces extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient Mac mac;
        private final transient byte[] text;
        private int calls;

        DeterministicNonces(byte[] secret, byte[] text) throws GeneralSecurityException {
            this.mac = Mac.getInstance("HmacSHA512");
            this.mac.init(new SecretKeySpec(secret, "HmacSHA512"));
            this.text = text;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            int at = 0;
            while (at < bytes.length) {
                mac.update(ByteBuffer.allocate(4).putInt(calls++).array());
                var block = mac.doFinal(text);
                int n = Math.min(block.length, bytes.length - at);
                System.arraycopy(block, 0, bytes, at, n);
                at += n;
            }
        }
    }
}
