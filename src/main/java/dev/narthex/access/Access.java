package dev.narthex.access;

import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.access.Scope.PackageName;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.CacheLookup;
import dev.narthex.spi.CacheLookup.NamedCache;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Decides whether the principal of the current request may act on a cache. All protocol adapters and pages check rights here. A
 * private cache is indistinguishable from an absent one: rights are checked before anything is looked up in the cache, and without
 * a credential both cases are Unauthorized.
 *
 * <p>Cost: caches are found in memory. A request with a credential runs one more statement, the same one whether the cache exists
 * or not. Nix reading a public cache runs none.
 */
@ApplicationScoped
public class Access {
    private static final int MAX_VISIBLE = 1000;

    private final CacheLookup caches;
    private final Caller caller;
    private final PrincipalAuthenticator authenticator;
    private final AuditLog audit;
    private final boolean everyPersonCreates;

    /** @param creators who may create caches: {@code people} (everyone who can sign in) or {@code admins} */
    Access(
            CacheLookup caches,
            Caller caller,
            PrincipalAuthenticator authenticator,
            AuditLog audit,
            @ConfigProperty(name = "narthex.caches.created-by", defaultValue = "people") CacheCreators creators) {
        this.caches = caches;
        this.caller = caller;
        this.authenticator = authenticator;
        this.audit = audit;
        this.everyPersonCreates = creators == CacheCreators.PEOPLE;
    }

    enum CacheCreators {
        PEOPLE,
        ADMINS
    }

    /**
     * Returns the cache of this name if the request's principal may perform this action on it. To publish, tag or withdraw a
     * package, call {@link #require(Action, String, String, String)} as soon as the package name is known.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized without a valid credential; without the right, NotFound for a read
     *     and Forbidden for a write; Gone if the cache is deleted and the principal could read it
     */
    public Cache require(Action action, String name) {
        return require(action, name, Optional.empty());
    }

    /** Returns the cache of this name if the request's principal may perform this action on this package in it. */
    public Cache require(Action action, String name, String ecosystem, String normalized) {
        return require(action, name, Optional.of(new PackageName(ecosystem, normalized)));
    }

    private Cache require(Action action, String name, Optional<PackageName> packageName) {
        var named = caches.findNamed(name);
        var cache = named.filter(namedCache -> !namedCache.deleted()).map(NamedCache::cache);
        if (action == Action.PULL && cache.filter(Cache::open).isPresent()) {
            return cache.get();
        }
        var permissions = permissionsOf(named);
        named.filter(namedCache -> namedCache.deleted()
                        && permissions.isAllowed(
                                action.isRead() ? action : Action.READ, namedCache.cache(), Optional.empty()))
                .ifPresent(namedCache -> {
                    throw Problem.gone("cache", name);
                });
        var allowed = cache.filter(foundCache -> permissions.isAllowed(action, foundCache, packageName));
        if (allowed.isEmpty() && !action.isRead()) {
            audit.recordDenied(new AuditEvent(cache.map(Cache::id), name, action.toString(), ""));
        }
        return allowed.orElseThrow(() -> permissions.denial(action, name, cache).toException());
    }

    private CachePermissions permissionsOf(Optional<NamedCache> cache) {
        return caller.permissionsIn(cache.map(NamedCache::cache).map(Cache::id).orElse(Caller.NO_CACHE));
    }

    /**
     * Returns the deleted cache of this name if the request's principal may destroy it, which includes restoring it.
     *
     * @throws dev.narthex.problem.ProblemException Conflict if the cache is not deleted, else as {@link #require(Action, String)}
     */
    public Cache requireDeleted(String name) {
        var namedCache = caches.findNamed(name);
        var permissions = permissionsOf(namedCache);
        var cache = namedCache.map(NamedCache::cache);
        var allowed = cache.filter(foundCache -> permissions.isAllowed(Action.DESTROY, foundCache, Optional.empty()));
        if (allowed.isEmpty()) {
            audit.recordDenied(new AuditEvent(cache.map(Cache::id), name, Action.DESTROY.toString(), ""));
            throw permissions.denial(Action.DESTROY, name, cache).toException();
        }
        if (namedCache.filter(NamedCache::deleted).isEmpty()) {
            throw Problem.conflict("Not deleted", "The cache “" + name + "” is there.");
        }
        return allowed.get();
    }

    /**
     * Returns the cache of this name for a page with restricted access. Deleted caches are returned to those who may restore them.
     * For everyone else the cache does not exist, even if it is public.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized without a valid credential, else NotFound
     */
    public NamedCache requireVisible(Action action, String name) {
        var named = caches.findNamed(name);
        var permissions = permissionsOf(named);
        return named.filter(namedCache -> permissions.isAllowed(
                        namedCache.deleted() ? Action.DESTROY : action, namedCache.cache(), Optional.empty()))
                .orElseThrow(() ->
                        permissions.denial(Action.READ, name, Optional.empty()).toException());
    }

    /**
     * Requires an instance admin, for pages that do not exist for anyone else.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized without a valid credential, else NotFound
     */
    public void requireVisibleAdmin() {
        var permissions = permissionsOf(Optional.empty());
        if (!permissions.principal().admin()) {
            throw permissions.denial(Action.READ, "admin", Optional.empty()).toException();
        }
    }

    /** Returns whether {@link #require(Action, String)} would succeed, for pages that show the available actions. */
    public boolean isAllowed(Action action, Cache cache) {
        return caller.permissionsIn(cache.id()).isAllowed(action, cache, Optional.empty());
    }

    /**
     * Returns whether {@link #require(Action, String, String, String)} would succeed.
     *
     * @param normalized package name; empty means the whole ecosystem, which only a scope for all package names covers
     */
    public boolean isAllowed(Action action, Cache cache, String ecosystem, String normalized) {
        return caller.permissionsIn(cache.id())
                .isAllowed(action, cache, Optional.of(new PackageName(ecosystem, normalized)));
    }

    /**
     * Returns the person who stars this package or marks it in another way. Read access to the package is enough. A token must also
     * be allowed to publish or maintain the package, because marking is a write.
     *
     * @throws dev.narthex.problem.ProblemException as {@link #require(Action, String)}; Forbidden if the token belongs to no person
     *     or is read-only
     */
    public Principal.Person requireStarring(String name, String ecosystem, String normalized) {
        var cache = require(Action.READ, name);
        var principal = requireAuthenticated();
        var person = principal
                .person()
                .orElseThrow(() -> Problem.forbidden(
                        "Only people can star packages, and this token belongs to no person. Use a token from npm login or from the page"
                                + " /me/tokens."));
        var packageName = Optional.of(new PackageName(ecosystem, normalized));
        boolean reads = principal instanceof Principal.Token token
                && !token.scope().covers(Action.PUBLISH, name, packageName)
                && !token.scope().covers(Action.MAINTAIN, name, packageName);
        if (reads) {
            audit.recordDenied(AuditEvent.ofCache(cache, Action.PUBLISH, ""));
            throw Problem.forbidden(
                    "This token can only read. Starring a package needs a token that may publish, such as npm login"
                            + " makes.");
        }
        return person;
    }

    /**
     * Returns the request's principal if it may create a cache of this name and so become its owner.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized or Forbidden
     */
    public Principal requireCreate(String name) {
        var principal = requireAuthenticated();
        boolean may = switch (principal) {
            case Principal.Token token ->
                token.scope().covers(Action.CREATE, name, Optional.empty())
                        && token.owner().map(this::canCreate).orElse(true);
            case Principal other -> other.person().filter(this::canCreate).isPresent();
        };
        if (!may) {
            audit.recordDenied(new AuditEvent(Optional.empty(), name, Action.CREATE.toString(), ""));
            throw Problem.forbidden("You may not create the cache " + name
                    + ". An admin can, and so can a token whose scope has the action “create” and this name.");
        }
        return principal;
    }

    /** Returns whether the person who makes this request may create caches. */
    public boolean mayCreate() {
        return caller.principal().person().filter(this::canCreate).isPresent();
    }

    private boolean canCreate(Principal.Person person) {
        return everyPersonCreates || person.admin();
    }

    /**
     * Returns the request's principal if it is an instance admin. Call it for admin-only actions in a cache that the principal may
     * write to; a refusal is audited.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized or Forbidden
     */
    public Principal requireAdmin(Action action, Cache cache) {
        if (!requireAuthenticated().admin()) {
            audit.recordDenied(AuditEvent.ofCache(cache, action, ""));
        }
        return requireAdmin();
    }

    /**
     * Returns the request's principal if it is an instance admin.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized or Forbidden
     */
    public Principal requireAdmin() {
        var principal = requireAuthenticated();
        if (!principal.admin()) {
            throw Problem.forbidden("Only an administrator of this server can do this.");
        }
        return principal;
    }

    /**
     * Returns the request's principal if its credential is valid.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized
     */
    public Principal requireAuthenticated() {
        var principal = caller.principal();
        return switch (principal) {
            case Principal.Person person -> person;
            case Principal.Token token -> token;
            case Principal anonymous -> throw unauthenticated(anonymous);
        };
    }

    private static ProblemException unauthenticated(Principal anonymous) {
        return new CachePermissions(anonymous, Optional.empty())
                .denial(Action.READ, "", Optional.empty())
                .toException();
    }

    /**
     * Lists the caches that the request's principal may read, by name, at most {@value #MAX_VISIBLE}.
     *
     * @throws ProblemException Unauthorized for an invalid credential; otherwise the client would mistake the list of public caches
     *     for the complete one
     */
    public List<Cache> visible() {
        var principal = caller.principal();
        if (principal instanceof Principal.Invalid) {
            throw unauthenticated(principal);
        }
        var roles = caller.roles();
        return candidates(principal, roles.keySet()).stream()
                .filter(cache -> new CachePermissions(principal, Optional.ofNullable(roles.get(cache.id())))
                        .isAllowed(Action.READ, cache, Optional.empty()))
                .toList();
    }

    /** Returns the caches of which the person who makes this request is a member, by name, with the person's role in each. */
    public SequencedMap<Cache, Role> memberships() {
        var roles = caller.roles();
        var memberships = new LinkedHashMap<Cache, Role>();
        caches.listReadable(roles.keySet(), MAX_VISIBLE).stream()
                .filter(cache -> roles.containsKey(cache.id()))
                .forEach(cache -> memberships.put(cache, roles.get(cache.id())));
        return memberships;
    }

    /** Returns the ids of the caches that the person who makes this request owns, including deleted caches. */
    public Set<Long> ownedCacheIds() {
        return caller.roles().entrySet().stream()
                .filter(role -> role.getValue() == Role.OWNER)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private List<Cache> candidates(Principal principal, Set<Long> memberOf) {
        boolean bound =
                principal.person().map(person -> !person.admin()).orElse(!(principal instanceof Principal.Token));
        return bound ? caches.listReadable(memberOf, MAX_VISIBLE) : caches.list(MAX_VISIBLE);
    }

    /** Returns whether the request's principal is an instance admin, for pages that show the available actions. */
    public boolean admin() {
        return caller.principal().admin();
    }

    /** Returns the person who makes this request, or who owns its token. */
    public Optional<Principal.Person> person() {
        return caller.principal().person();
    }

    /** Returns the name of the request's principal, as stored with everything it writes. */
    public String principal() {
        return caller.principal().name();
    }

    /**
     * Returns whether the principal that pushed a path may currently create releases of this package.
     *
     * @param pushedBy name of the principal, as {@link #principal} returns it
     */
    public boolean mayPublish(String pushedBy, Cache cache, String ecosystem, String normalized) {
        return authenticator
                .byName(pushedBy, cache.id())
                .isAllowed(Action.PUBLISH, cache, Optional.of(new PackageName(ecosystem, normalized)));
    }
}
