package dev.narthex.access;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Caches;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/**
 * The one decision point. A private cache answers as if it were absent, so the right is judged before anything is looked up
 * in it, and with no credential both answer "sign in".
 */
@ApplicationScoped
public class Access {
    private static final int VISIBLE_LIMIT = 1000;
    private static final String SIGN_IN =
            "This needs a token: as the password of a netrc entry (any login), or as Bearer.";
    private static final String INVALID = "This token is not known, has expired or was revoked. Make a new one.";

    private final Caches caches;
    private final Caller caller;
    private final Tokens tokens;

    Access(Caches caches, Caller caller, Tokens tokens) {
        this.caches = caches;
        this.caller = caller;
        this.tokens = tokens;
    }

    /**
     * The cache of this name, if the request's principal may do this there.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized without a valid credential, NotFound for a read and
     *     Forbidden for a write without the right
     */
    public Cache require(Action action, String name) {
        var principal = caller.principal();
        var cache = caches.find(name);
        if (cache.isPresent() && may(principal, action, cache.get())) {
            return cache.get();
        }
        throw refusal(principal, action, name, cache).asException();
    }

    /** Caches that the request's principal may read, by name. */
    public List<Cache> visible() {
        var principal = caller.principal();
        return caches.list(VISIBLE_LIMIT).stream()
                .filter(cache -> may(principal, Action.READ, cache))
                .toList();
    }

    /** Who makes this request, as kept beside what they write. */
    public String principal() {
        return caller.principal().name();
    }

    /** Whether whoever pushed under this name may create releases of this package. */
    public boolean mayPublish(String pushedBy, Cache cache, String ecosystem, String normalised) {
        return idOf(pushedBy)
                .flatMap(tokens::byId)
                .filter(Principal.Token::admin)
                .isPresent();
    }

    private static Optional<Long> idOf(String name) {
        var parts = name.split(":", 3);
        return parts.length == 3 && parts[0].equals("token") && parts[1].matches("\\d{1,18}")
                ? Optional.of(Long.valueOf(parts[1]))
                : Optional.empty();
    }

    private static boolean may(Principal principal, Action action, Cache cache) {
        return switch (principal) {
            case Principal.Token token -> token.admin() || (action.reads() && cache.open());
            case Principal.Anonymous anonymous -> action.reads() && cache.open();
            case Principal.Invalid invalid -> action == Action.PULL && cache.open();
        };
    }

    private static Problem refusal(Principal principal, Action action, String name, Optional<Cache> cache) {
        return switch (principal) {
            case Principal.Anonymous anonymous -> new Problem.Unauthorized(SIGN_IN);
            case Principal.Invalid invalid -> new Problem.Unauthorized(INVALID);
            case Principal.Token token ->
                cache.filter(c -> may(principal, Action.READ, c)).isPresent() && !action.reads()
                        ? new Problem.Forbidden("The token “" + token.label() + "” may not write to " + name + ".")
                        : new Problem.NotFound("cache", name);
        };
    }
}
