package dev.narthex.catalog;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.narthex.nix.PublicKey;
import dev.narthex.nix.SecretKey;
import dev.narthex.nix.Signature;
import dev.narthex.spi.Keys;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Keys of caches. Each narinfo is signed when it is answered, by every signing key of its cache, so that a rotation needs no
 * rewriting: the new key signs beside the old one until that is retired.
 *
 * <p>Unwrapped keys stay in memory, since a narinfo may cost one query only. Another replica's rotation is seen within
 * {@link #FRESH}.
 */
@ApplicationScoped
public class CacheKeys {
    private static final Duration FRESH = Duration.ofSeconds(30);
    private static final int KEPT = 1000;
    private static final int LISTED = 100;

    private final Sql sql;
    private final Keys wrapping;
    private final LoadingCache<Long, List<SecretKey>> signing;

    CacheKeys(Sql sql, Keys wrapping) {
        this.sql = sql;
        this.wrapping = wrapping;
        this.signing =
                Caffeine.newBuilder().maximumSize(KEPT).expireAfterWrite(FRESH).build(this::unwrapped);
    }

    /** What clients put into {@code trusted-public-keys}, oldest first. */
    public List<PublicKey> signing(long cacheId) {
        return list(cacheId, true);
    }

    /** Signing keys, retired ones, and those of builders that this cache knows, oldest first. */
    public List<PublicKey> known(long cacheId) {
        return list(cacheId, false);
    }

    /** The public halves of the signing keys in nix's text form; kept in memory like those. */
    public List<String> trusted(long cacheId) {
        return signing.get(cacheId).stream()
                .map(key -> key.publicKey().toString())
                .toList();
    }

    /** Signatures by all signing keys. */
    public List<Signature> sign(long cacheId, String fingerprint) {
        return signing.get(cacheId).stream().map(key -> key.sign(fingerprint)).toList();
    }

    /** Adds a signing key. */
    @Transactional(TxType.MANDATORY)
    PublicKey generate(long cacheId, String name) {
        var key = SecretKey.generate(name);
        sql.change(
                """
                insert into cache_key (cache_id, name, public_key, secret_wrapped, signing)
                values (:cache, :name, :public, :secret, true)""",
                Map.of(
                        "cache",
                        cacheId,
                        "name",
                        name,
                        "public",
                        key.publicKey().raw(),
                        "secret",
                        wrapping.wrap(key.export().getBytes(StandardCharsets.UTF_8))));
        signing.invalidate(cacheId);
        return key.publicKey();
    }

    private List<PublicKey> list(long cacheId, boolean signingOnly) {
        return sql.rows("""
                        select name, public_key from cache_key where cache_id = :cache and (signing or not :only)
                        order by id limit :limit""", Map.of("cache", cacheId, "only", signingOnly, "limit", LISTED)).stream()
                .map(row -> new PublicKey(row.text("name"), row.bytes("public_key")))
                .toList();
    }

    private List<SecretKey> unwrapped(long cacheId) {
        return sql.rows("""
                        select secret_wrapped from cache_key where cache_id = :cache and signing
                        order by id limit :limit""", Map.of("cache", cacheId, "limit", LISTED)).stream()
                .map(row -> wrapping.unwrap(row.bytes("secret_wrapped")))
                .map(secret -> SecretKey.parse(new String(secret, StandardCharsets.UTF_8)))
                .toList();
    }
}
