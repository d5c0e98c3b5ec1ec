package dev.narthex.catalog.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.JsonColumns;
import dev.narthex.db.Database;
import dev.narthex.spi.SecretWrapper;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Manages the keys with which registries sign, one per cache and ecosystem, created when first needed. Clients get the key from
 * the registry and keep verified signatures, so a key never changes.
 */
@ApplicationScoped
public class RegistryKeys {
    private static final String STATE = "signing-key";
    private static final int KEPT = 1000;

    private final Database sql;
    private final SecretWrapper wrapping;
    private final Cache<KeyOwner, KeyPair> keyPairs =
            Caffeine.newBuilder().maximumSize(KEPT).build();

    RegistryKeys(Database sql, SecretWrapper wrapping) {
        this.sql = sql;
        this.wrapping = wrapping;
    }

    private record KeyOwner(long cacheId, String ecosystem) {}

    /**
     * A key as stored.
     *
     * @param open public key, SubjectPublicKeyInfo in base64
     * @param wrapped private key, PKCS #8, wrapped, in base64
     */
    private record StoredKeyPair(String open, String wrapped) {}

    /** Returns the key of a registry, on the curve P-256, creating it when first needed. */
    public KeyPair of(long cacheId, String ecosystem) {
        return keyPairs.get(new KeyOwner(cacheId, ecosystem), this::readOrMake);
    }

    private KeyPair readOrMake(KeyOwner owner) {
        var key = Map.<String, Object>of("cache", owner.cacheId(), "ecosystem", owner.ecosystem(), "key", STATE);
        return QuarkusTransaction.requiringNew().call(() -> {
            if (findStored(key).isEmpty()) {
                var values = new HashMap<>(key);
                values.put("body", JsonColumns.write(generate()));
                sql.statement("""
                        insert into ecosystem_state (cache_id, ecosystem, key, body)
                        values (:cache, :ecosystem, :key, cast(:body as jsonb)) on conflict do nothing""").bindAll(values).update();
            }
            return unwrapped(findStored(key).orElseThrow());
        });
    }

    private Optional<StoredKeyPair> findStored(Map<String, Object> key) {
        return sql.statement("""
                        select cast(body as text) as body from ecosystem_state
                        where cache_id = :cache and ecosystem = :ecosystem and package_id is null and key = :key""")
                .bindAll(key)
                .first()
                .map(row -> JsonColumns.read(row.string("body"), StoredKeyPair.class));
    }

    private StoredKeyPair generate() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            var pair = generator.generateKeyPair();
            var base64 = Base64.getEncoder();
            return new StoredKeyPair(
                    base64.encodeToString(pair.getPublic().getEncoded()),
                    base64.encodeToString(wrapping.wrap(pair.getPrivate().getEncoded())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private KeyPair unwrapped(StoredKeyPair keyPair) {
        try {
            var factory = KeyFactory.getInstance("EC");
            var base64 = Base64.getDecoder();
            return new KeyPair(
                    factory.generatePublic(new X509EncodedKeySpec(base64.decode(keyPair.open()))),
                    factory.generatePrivate(
                            new PKCS8EncodedKeySpec(wrapping.unwrap(base64.decode(keyPair.wrapped())))));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
