package dev.narthex.admin;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.access.MemberService;
import dev.narthex.access.Principal;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.cache.CacheDeletion;
import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.catalog.cache.CacheSettings;
import dev.narthex.catalog.cache.CacheSettingsStore;
import dev.narthex.nix.PublicKey;
import dev.narthex.nix.SecretKey;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.store.DedupDomains;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Operations on whole caches: creation, settings, keys, deletion. Each checks the caller's permission, is one transaction and is
 * audited.
 */
@ApplicationScoped
public class CacheAdministration {
    private final Access access;
    private final AuditLog audit;
    private final MemberService members;
    private final CacheCatalog caches;
    private final CacheKeyring keys;
    private final CacheSettingsStore settings;
    private final CacheDeletion deletion;
    private final DedupDomains domains;

    CacheAdministration(
            Access access,
            AuditLog audit,
            MemberService members,
            CacheCatalog caches,
            CacheKeyring keys,
            CacheSettingsStore settings,
            CacheDeletion deletion,
            DedupDomains domains) {
        this.access = access;
        this.audit = audit;
        this.members = members;
        this.caches = caches;
        this.keys = keys;
        this.settings = settings;
        this.deletion = deletion;
        this.domains = domains;
    }

    /**
     * Creates a cache that the caller owns.
     *
     * @param sharesBytesWith name of another cache of the caller, with which the new one permanently shares a dedup domain
     * @param settings changes the default settings
     */
    public Cache create(String name, Optional<String> sharesBytesWith, UnaryOperator<CacheSettings> settings) {
        var creator = access.requireCreate(name);
        var shared = sharesBytesWith.map(
                other -> access.require(Action.CONFIGURE, other).domainId());
        return create(creator, settings, () -> caches.create(name, "", false, shared.orElseGet(domains::create)));
    }

    /** Creates a cache with an existing signing key, for a cache that moves to this server. */
    public Cache create(String name, SecretKey key, UnaryOperator<CacheSettings> settings) {
        return create(access.requireCreate(name), settings, () -> caches.create(name, domains.create(), key));
    }

    private Cache create(Principal creator, UnaryOperator<CacheSettings> configure, Supplier<Cache> insert) {
        var created = QuarkusTransaction.requiringNew().call(() -> {
            var cache = insert.get();
            settings.change(cache.id(), configure);
            members.addOwner(cache, creator);
            audit.recordDone(AuditEvent.ofCache(cache, Action.CREATE, cache.name()));
            return cache;
        });
        Log.infof("created cache %s", created.name());
        return created;
    }

    /** Changes settings. Only values that differ are written to the audit log. */
    public Cache configure(String name, UnaryOperator<CacheSettings> to) {
        var cache = access.require(Action.CONFIGURE, name);
        QuarkusTransaction.requiringNew().run(() -> {
            var change = settings.change(cache.id(), to);
            var differences = SettingsDiff.between(change);
            if (!differences.isEmpty()) {
                audit.recordDone(AuditEvent.ofCache(cache, Action.CONFIGURE, differences));
            }
        });
        return cache;
    }

    /** Creates a key that signs together with the existing ones. */
    public PublicKey rotate(String name) {
        return addKey(name, cache -> keys.rotate(cache.id(), name));
    }

    /** Adds an existing key, which signs together with the others. */
    public PublicKey addExistingKey(String name, SecretKey key) {
        return addKey(name, cache -> keys.addExistingKey(cache.id(), key));
    }

    private PublicKey addKey(String name, Function<Cache, PublicKey> adding) {
        var cache = access.require(Action.CONFIGURE, name);
        return QuarkusTransaction.requiringNew().call(() -> {
            var key = adding.apply(cache);
            audit.recordDone(AuditEvent.ofCache(cache, Action.CONFIGURE, "add key " + key));
            return key;
        });
    }

    public void setSigning(String name, String key, boolean signs) {
        var cache = access.require(Action.CONFIGURE, name);
        QuarkusTransaction.requiringNew().run(() -> {
            keys.setSigning(cache.id(), key, signs);
            audit.recordDone(
                    AuditEvent.ofCache(cache, Action.CONFIGURE, (signs ? "sign with key " : "retire key ") + key));
        });
    }

    /** Destroys the secret of a key; its public key stays. */
    public void destroyKey(String name, String key) {
        var cache = access.require(Action.CONFIGURE, name);
        QuarkusTransaction.requiringNew().run(() -> {
            keys.destroy(cache.id(), key);
            audit.recordDone(AuditEvent.ofCache(cache, Action.CONFIGURE, "destroy key " + key));
        });
    }

    /** Marks a cache as deleted. Returns the time until which it can be undeleted. */
    public Instant delete(String name) {
        var cache = access.require(Action.DESTROY, name);
        var until = QuarkusTransaction.requiringNew().call(() -> {
            var when = deletion.delete(cache.id());
            when.ifPresent(done -> audit.recordDone(AuditEvent.ofCache(cache, Action.DESTROY, "delete")));
            return when;
        });
        Log.infof("deleted cache %s", name);
        return until.orElseThrow(() -> Problem.gone("cache", name));
    }

    /** Undeletes a cache, with its content unchanged. */
    public Cache undelete(String name) {
        var cache = access.requireDeleted(name);
        boolean back = QuarkusTransaction.requiringNew().call(() -> {
            boolean done = deletion.undelete(cache.id());
            if (done) {
                audit.recordDone(AuditEvent.ofCache(cache, Action.DESTROY, "undelete"));
            }
            return done;
        });
        if (!back) {
            throw Problem.notFound("cache", name);
        }
        Log.infof("undeleted cache %s", name);
        return cache;
    }

    /**
     * Frees the name of a removed cache, so that another can be created with it. For admins only: clients may still have the old
     * cache's address configured.
     */
    public void releaseName(String name) {
        access.requireAdmin();
        boolean freed = QuarkusTransaction.requiringNew().call(() -> {
            boolean done = deletion.releaseName(name);
            if (done) {
                audit.recordDone(AuditEvent.ofInstance("free name", name));
            }
            return done;
        });
        if (!freed && deletion.isNameUsed(name)) {
            throw Problem.conflict(
                    "Not removed",
                    "The name “" + name + "” can be freed when its cache is deleted and all that it held is"
                            + " removed, which begins " + CacheDeletion.GRACE.toDays() + " days after.");
        }
        if (!freed) {
            throw Problem.notFound("cache", name);
        }
    }
}
