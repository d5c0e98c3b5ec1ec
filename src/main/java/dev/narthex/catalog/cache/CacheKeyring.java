package dev.narthex.catalog.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.cache.CacheKey.State;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.change.ChangeLogHead;
import dev.narthex.catalog.change.RequestHead;
import dev.narthex.db.Database;
import dev.narthex.nix.PublicKey;
import dev.narthex.nix.SecretKey;
import dev.narthex.nix.Signature;
import dev.narthex.problem.Problem;
import dev.narthex.spi.SecretWrapper;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.control.ActivateRequestContext;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Manages the signing keys of caches. Narinfos are signed when they are served, by every signing key of the cache, so a rotation
 * rewrites nothing: the new key signs together with the old one until that is retired. The row of a key remains when its secret
 * is destroyed, so that its name is never reused and its signatures can still be attributed.
 *
 * <p>Unwrapped secrets are cached in memory until a cache or key changes, because serving a narinfo may cost only one query.
 */
@ApplicationScoped
public class CacheKeyring {
    private static final int KEPT = 1000;
    private static final int MAX_KEYS = 100;
    private static final String CHANGED = "keys";

    private final Database sql;
    private final SecretWrapper wrapping;
    private final ChangeLog changes;
    private final RequestHead head;
    private final Cache<Long, LoadedKeys> keysByCache =
            Caffeine.newBuilder().maximumSize(KEPT).build();

    CacheKeyring(Database sql, SecretWrapper wrapping, ChangeLog changes, RequestHead head) {
        this.sql = sql;
        this.wrapping = wrapping;
        this.changes = changes;
        this.head = head;
    }

    /** @param as head of the change log, read before the keys */
    private record LoadedKeys(ChangeLogHead head, List<SecretKey> signing) {}

    /** Returns the keys that sign, for {@code trusted-public-keys}, oldest first. */
    public List<PublicKey> signing(long cacheId) {
        return list(cacheId).stream()
                .filter(key -> key.state() == State.SIGNING)
                .map(CacheKey::publicKey)
                .toList();
    }

    /** Returns all public keys, oldest first: signing and retired ones, and those of builders that the cache knows. */
    public List<PublicKey> publicKeys(long cacheId) {
        return list(cacheId).stream().map(CacheKey::publicKey).toList();
    }

    /** Returns all keys, oldest first. */
    public List<CacheKey> list(long cacheId) {
        return sql.statement("""
                        select name, public_key, signing, secret_wrapped is not null as secret, created_at from cache_key
                        where cache_id = :cache order by id limit :limit""").bind("cache", cacheId).bind("limit", MAX_KEYS).list(CacheKey::of);
    }

    /** Returns the public keys that sign, in nix's text format. Cached in memory. */
    @ActivateRequestContext
    public List<String> signingKeysText(long cacheId) {
        return secrets(cacheId).stream().map(key -> key.publicKey().toString()).toList();
    }

    /** Signs a fingerprint with every signing key. */
    @ActivateRequestContext
    public List<Signature> sign(long cacheId, String fingerprint) {
        return secrets(cacheId).stream().map(key -> key.sign(fingerprint)).toList();
    }

    private List<SecretKey> secrets(long cacheId) {
        var now = head.lastSeen();
        var loaded = Optional.ofNullable(keysByCache.getIfPresent(cacheId));
        return loaded.filter(keys -> keys.head().hasSameCaches(now))
                .orElseGet(() -> {
                    var read = new LoadedKeys(now, unwrapped(cacheId));
                    keysByCache.put(cacheId, read);
                    return read;
                })
                .signing();
    }

    /** Adds the first key of a new cache. */
    @Transactional(TxType.MANDATORY)
    void addFirstKey(long cacheId, SecretKey key) {
        insert(cacheId, key);
    }

    /** Generates a signing key with the next name: {@code orchard}, {@code orchard-2}, {@code orchard-3}. */
    @Transactional(TxType.MANDATORY)
    public PublicKey rotate(long cacheId, String cacheName) {
        return add(cacheId, SecretKey.generate(next(cacheName, locked(cacheId))));
    }

    /** Returns the name for the next key of a cache. */
    public static String next(String cacheName, List<CacheKey> keys) {
        var numbered = Pattern.compile(Pattern.quote(cacheName) + "-([1-9][0-9]{0,8})");
        int last = keys.stream()
                .map(key -> numbered.matcher(key.publicKey().name()))
                .filter(Matcher::matches)
                .mapToInt(match -> Integer.parseInt(match.group(1)))
                .max()
                .orElse(1);
        return cacheName + "-" + (last + 1);
    }

    /**
     * Adds an existing key, which signs from now on.
     *
     * @throws dev.narthex.problem.ProblemException Conflict if the cache has, or had, a key of this name
     */
    @Transactional(TxType.MANDATORY)
    public PublicKey addExistingKey(long cacheId, SecretKey key) {
        if (locked(cacheId).stream()
                .anyMatch(previous -> previous.publicKey().name().equals(key.name()))) {
            throw Problem.conflict(
                    "Key name in use", "This cache has, or had, a key “" + key.name() + "”; choose another one.");
        }
        return add(cacheId, key);
    }

    private PublicKey add(long cacheId, SecretKey key) {
        if (list(cacheId).size() >= MAX_KEYS) {
            throw Problem.conflict("Too many keys", "A cache may have had " + MAX_KEYS + " keys.");
        }
        insert(cacheId, key);
        logChange(cacheId);
        return key.publicKey();
    }

    /**
     * Enables or disables signing with a key.
     *
     * @throws dev.narthex.problem.ProblemException NotFound; Conflict if no key would sign, or if the key has no secret
     */
    @Transactional(TxType.MANDATORY)
    public void setSigning(long cacheId, String name, boolean signs) {
        var key = require(locked(cacheId).stream(), name);
        if (signs && key.state() == State.KNOWN) {
            throw Problem.conflict("No secret", "The secret of the key “" + name + "” is not here.");
        }
        if (!signs) {
            requireAnother(cacheId, name);
        }
        sql.statement("update cache_key set signing = :signs where cache_id = :cache and name = :name")
                .bind("signs", signs)
                .bind("cache", cacheId)
                .bind("name", name)
                .update();
        logChange(cacheId);
    }

    /**
     * Destroys the secret of a key.
     *
     * @throws dev.narthex.problem.ProblemException NotFound; Conflict if no key would sign
     */
    @Transactional(TxType.MANDATORY)
    public void destroy(long cacheId, String name) {
        require(locked(cacheId).stream(), name);
        requireAnother(cacheId, name);
        sql.statement(
                        "update cache_key set signing = false, secret_wrapped = null where cache_id = :cache and name = :name")
                .bind("cache", cacheId)
                .bind("name", name)
                .update();
        logChange(cacheId);
    }

    /** Locks the keys of a cache until the transaction ends, and returns them. */
    private List<CacheKey> locked(long cacheId) {
        sql.statement("select id from cache where id = :cache for no key update")
                .bind("cache", cacheId)
                .list();
        return list(cacheId);
    }

    private static CacheKey require(Stream<CacheKey> keys, String name) {
        return keys.filter(key -> key.publicKey().name().equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.notFound("key", name));
    }

    private void requireAnother(long cacheId, String name) {
        if (signing(cacheId).stream().allMatch(key -> key.name().equals(name))) {
            throw Problem.conflict(
                    "Last signing key",
                    "Without “" + name
                            + "” no signing key would remain. Create another one first, and let clients trust it.");
        }
    }

    private void logChange(long cacheId) {
        changes.append(cacheId, CHANGED, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private void insert(long cacheId, SecretKey key) {
        sql.statement("""
                insert into cache_key (cache_id, name, public_key, secret_wrapped, signing)
                values (:cache, :name, :public, :secret, true)""")
                .bind("cache", cacheId)
                .bind("name", key.name())
                .bind("public", key.publicKey().raw())
                .bind("secret", wrapping.wrap(key.export().getBytes(StandardCharsets.UTF_8)))
                .update();
    }

    private List<SecretKey> unwrapped(long cacheId) {
        return sql.statement("""
                        select secret_wrapped from cache_key where cache_id = :cache and signing
                        order by id limit :limit""").bind("cache", cacheId).bind("limit", MAX_KEYS).list().stream()
                .map(row -> wrapping.unwrap(row.bytes("secret_wrapped")))
                .map(secret -> SecretKey.parse(new String(secret, StandardCharsets.UTF_8)))
                .toList();
    }
}
