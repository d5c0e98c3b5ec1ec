package dev.narthex.access;

import dev.narthex.access.Audit.Act;
import dev.narthex.access.Scope.PackageName;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Caches;
import dev.narthex.spi.Caches.Named;
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
 * The one decision point. A private cache answers as if it were absent, so the right is judged before anything is looked up
 * in it, and with no credential both answer "sign in".
 *
 * <p>Cost: a cache is found in memory. A caller with a credential costs one statement more, the same one whether the cache is
 * there or not; nix that reads a cache which everyone may read costs none.
 */
@ApplicationScoped
public class Access {
    private static final int VISIBLE_LIMIT = 1000;

    private final Caches caches;
    private final Caller caller;
    private final Standings standings;
    private final Audit audit;
    private final boolean everyPersonCreates;

    /** @param creators who may create caches: {@code people}, which are all who can sign in, or {@code admins} */
    Access(
            Caches caches,
            Caller caller,
            Standings standings,
            Audit audit,
            @ConfigProperty(name = "narthex.caches.created-by", defaultValue = "people") Creators creators) {
        this.caches = caches;
        this.caller = caller;
        this.standings = standings;
        this.audit = audit;
        this.everyPersonCreates = creators == Creators.PEOPLE;
    }

    enum Creators {
        PEOPLE,
        ADMINS
    }

    /**
     * The cache of this name, if the request's principal may do this there. Where a package is published, tagged or withdrawn
     * ask {@linkplain #require(Action, String, String, String) with its name}, once that is known.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized without a valid credential, NotFound for a read and
     *     Forbidden for a write without the right
     */
    public Cache require(Action action, String name) {
        return require(action, name, Optional.empty());
    }

    /** The cache of this name, if the request's principal may do this to this package of it. */
    public Cache require(Action action, String name, String ecosystem, String normalised) {
        return require(action, name, Optional.of(new PackageName(ecosystem, normalised)));
    }

    private Cache require(Action action, String name, Optional<PackageName> about) {
        var named = caches.named(name);
        var cache = named.filter(found -> !found.deleted()).map(Named::cache);
        if (action == Action.PULL && cache.filter(Cache::open).isPresent()) {
            return cache.get();
        }
        var standing = standing(named);
        named.filter(found -> found.deleted()
                        && standing.may(action.reads() ? action : Action.READ, found.cache(), Optional.empty()))
                .ifPresent(found -> {
                    throw new Problem.Gone("cache", name).asException();
                });
        var allowed = cache.filter(found -> standing.may(action, found, about));
        if (allowed.isEmpty() && !action.reads()) {
            audit.denied(new Act(cache.map(Cache::id), name, action.toString(), ""));
        }
        return allowed.orElseThrow(() -> standing.refusal(action, name, cache).asException());
    }

    private Standing standing(Optional<Named> cache) {
        return caller.in(cache.map(Named::cache).map(Cache::id).orElse(Caller.NO_CACHE));
    }

    /**
     * The deleted cache of this name, if the request's principal may destroy it, and so bring it back.
     *
     * @throws dev.narthex.problem.ProblemException Conflict if it is not deleted, else as {@link #require(Action, String)}
     */
    public Cache requireDeleted(String name) {
        var named = caches.named(name);
        var standing = standing(named);
        var cache = named.map(Named::cache);
        var allowed = cache.filter(found -> standing.may(Action.DESTROY, found, Optional.empty()));
        if (allowed.isEmpty()) {
            audit.denied(new Act(cache.map(Cache::id), name, Action.DESTROY.toString(), ""));
            throw standing.refusal(Action.DESTROY, name, cache).asException();
        }
        if (named.filter(Named::deleted).isEmpty()) {
            throw new Problem.Conflict("Not deleted", "The cache “" + name + "” is there.").asException();
        }
        return allowed.get();
    }

    /**
     * The cache of this name for a page that only some are shown, deleted ones for those who could bring them back: to all
     * others there is no such cache, even if everyone may read it.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized without a valid credential, else NotFound
     */
    public Named requireShown(Action action, String name) {
        var named = caches.named(name);
        var standing = standing(named);
        return named.filter(found ->
                        standing.may(found.deleted() ? Action.DESTROY : action, found.cache(), Optional.empty()))
                .orElseThrow(() ->
                        standing.refusal(Action.READ, name, Optional.empty()).asException());
    }

    /**
     * Lets admins of this instance pass; to all others there is no such page.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized without a valid credential, else NotFound
     */
    public void requireShownAdmin() {
        var standing = standing(Optional.empty());
        if (!standing.who().admin()) {
            throw standing.refusal(Action.READ, "admin", Optional.empty()).asException();
        }
    }

    /** Whether {@link #require} would let this pass, for pages that show what one can do. */
    public boolean may(Action action, Cache cache) {
        return caller.in(cache.id()).may(action, cache, Optional.empty());
    }

    /**
     * Whether {@link #require(Action, String, String, String)} would let this pass.
     *
     * @param normalised if it is empty, the ecosystem as a whole, which only a scope for all names covers
     */
    public boolean may(Action action, Cache cache, String ecosystem, String normalised) {
        return caller.in(cache.id()).may(action, cache, Optional.of(new PackageName(ecosystem, normalised)));
    }

    /**
     * Whoever asks, as a person who marks a package for himself: he needs no more than to read it. That is a write all
     * the same, so that a token which only reads is not enough.
     *
     * @throws dev.narthex.problem.ProblemException as {@link #require(Action, String)}, Forbidden if it is no person
     */
    public Principal.Person requireMark(String name, String ecosystem, String normalised) {
        var cache = require(Action.READ, name);
        var who = requireKnown();
        var person = who.person()
                .orElseThrow(() -> new Problem.Forbidden(
                                "Only people mark packages; this token is nobody's. Use one that npm login or the page"
                                        + " /me/tokens made for you.")
                        .asException());
        var about = Optional.of(new PackageName(ecosystem, normalised));
        boolean reads = who instanceof Principal.Token token
                && !token.scope().covers(Action.PUBLISH, name, about)
                && !token.scope().covers(Action.MAINTAIN, name, about);
        if (reads) {
            audit.denied(Act.in(cache, Action.PUBLISH, ""));
            throw new Problem.Forbidden(
                            "This token only reads here. Marking a package takes one that may publish it, such as npm login"
                                    + " makes.")
                    .asException();
        }
        return person;
    }

    /**
     * Whoever may create a cache of this name and will be its owner.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized or Forbidden
     */
    public Principal requireCreate(String name) {
        var who = requireKnown();
        boolean may = switch (who) {
            case Principal.Token token ->
                token.scope().covers(Action.CREATE, name, Optional.empty())
                        && token.owner().map(this::creates).orElse(true);
            case Principal other -> other.person().filter(this::creates).isPresent();
        };
        if (!may) {
            audit.denied(new Act(Optional.empty(), name, Action.CREATE.toString(), ""));
            throw new Problem.Forbidden("You may not create the cache " + name
                            + ". An admin can, and so can a token whose scope has the action “create” and this name.")
                    .asException();
        }
        return who;
    }

    /** Whether the person who asks may create caches. */
    public boolean mayCreate() {
        return caller.principal().person().filter(this::creates).isPresent();
    }

    private boolean creates(Principal.Person person) {
        return everyPersonCreates || person.admin();
    }

    /**
     * Whoever asks, if he is an admin of this instance, for what only they may do in a cache that he may write to.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized or Forbidden
     */
    public Principal requireAdmin(Action action, Cache cache) {
        if (!requireKnown().admin()) {
            audit.denied(Act.in(cache, action, ""));
        }
        return requireAdmin();
    }

    /**
     * Whoever asks, if he is an admin of this instance.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized or Forbidden
     */
    public Principal requireAdmin() {
        var who = requireKnown();
        if (!who.admin()) {
            throw new Problem.Forbidden("Only an admin of this instance may do this.").asException();
        }
        return who;
    }

    /**
     * Whoever asks, if he has a valid credential.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized
     */
    public Principal requireKnown() {
        var who = caller.principal();
        return switch (who) {
            case Principal.Person person -> person;
            case Principal.Token token -> token;
            case Principal nobody -> throw unknown(nobody);
        };
    }

    private static ProblemException unknown(Principal nobody) {
        return new Standing(nobody, Optional.empty())
                .refusal(Action.READ, "", Optional.empty())
                .asException();
    }

    /**
     * Caches that the request's principal may read, by name.
     *
     * @throws ProblemException Unauthorized for a credential that is none: whoever sent it would take an empty list for all
     *     that there is
     */
    public List<Cache> visible() {
        var who = caller.principal();
        if (who instanceof Principal.Invalid) {
            throw unknown(who);
        }
        var roles = caller.roles();
        return candidates(who, roles.keySet()).stream()
                .filter(cache -> new Standing(who, Optional.ofNullable(roles.get(cache.id())))
                        .may(Action.READ, cache, Optional.empty()))
                .toList();
    }

    /** The caches of which the person who asks is a member, by name, and what he is there. */
    public SequencedMap<Cache, Role> own() {
        var roles = caller.roles();
        var own = new LinkedHashMap<Cache, Role>();
        caches.readable(roles.keySet(), VISIBLE_LIMIT).stream()
                .filter(cache -> roles.containsKey(cache.id()))
                .forEach(cache -> own.put(cache, roles.get(cache.id())));
        return own;
    }

    /** Ids of the caches that the person who asks owns, deleted ones too. */
    public Set<Long> owned() {
        return caller.roles().entrySet().stream()
                .filter(role -> role.getValue() == Role.OWNER)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private List<Cache> candidates(Principal who, Set<Long> memberOf) {
        boolean bound = who.person().map(person -> !person.admin()).orElse(!(who instanceof Principal.Token));
        return bound ? caches.readable(memberOf, VISIBLE_LIMIT) : caches.list(VISIBLE_LIMIT);
    }

    /** Whether whoever asks is an admin of this instance, for pages that show what one can do. */
    public boolean admin() {
        return caller.principal().admin();
    }

    /** The person who asks, or for whom the token was made. */
    public Optional<Principal.Person> person() {
        return caller.principal().person();
    }

    /** Who makes this request, as kept beside what they write. */
    public String principal() {
        return caller.principal().name();
    }

    /** Whether whoever pushed under this name may create releases of this package now. */
    public boolean mayPublish(String pushedBy, Cache cache, String ecosystem, String normalised) {
        return standings
                .byName(pushedBy, cache.id())
                .may(Action.PUBLISH, cache, Optional.of(new PackageName(ecosystem, normalised)));
    }
}
