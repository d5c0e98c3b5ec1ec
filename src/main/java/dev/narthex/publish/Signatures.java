package dev.narthex.publish;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.RegistryKeys;
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
 * Signs by the key of a registry. A document names every version of a package and is made again with each change, so what was
 * signed lately is kept in memory.
 */
@ApplicationScoped
public class Signatures {
    private static final int KEPT = 50_000;

    private final RegistryKeys keys;
    private final Cache<Signed, byte[]> kept =
            Caffeine.newBuilder().maximumSize(KEPT).build();

    Signatures(RegistryKeys keys) {
        this.keys = keys;
    }

    private record Signed(long cacheId, String ecosystem, String text) {}

    /** Has a key made, if there is none yet, when it is first asked for one. */
    public Signer of(long cacheId, String ecosystem) {
        return new Signer() {
            @Override
            public List<byte[]> publicKeys() {
                return List.of(keys.of(cacheId, ecosystem).getPublic().getEncoded());
            }

            @Override
            public byte[] sign(String text) {
                return kept.get(
                        new Signed(cacheId, ecosystem, text), signed -> signature(keys.of(cacheId, ecosystem), text));
            }
        };
    }

    static byte[] signature(KeyPair pair, String text) {
        try {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            var signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(pair.getPrivate(), new Nonces(pair.getPrivate().getEncoded(), bytes));
            signature.update(bytes);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Nonces that nobody can guess and that are the same for the same key and text, as RFC 6979 has them, though not by its
     * own function: HMAC-SHA-512 of the text under the secret key.
     */
    private static final class Nonces extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient Mac mac;
        private final transient byte[] text;
        private int calls;

        Nonces(byte[] secret, byte[] text) throws GeneralSecurityException {
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
