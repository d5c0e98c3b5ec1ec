package dev.narthex.access;

import dev.narthex.access.Scope.PackageName;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import java.util.Optional;

/**
 * The permissions of a principal in one cache. All decisions about a cache are made here, from the fields of this record alone.
 *
 * @param role role of the person, or of the owner of the token, in the cache; the highest of the person's own and those of their
 *     groups
 */
record CachePermissions(Principal principal, Optional<Role> role) {
    private static final String SIGN_IN =
            "This needs a token: as the password of a netrc entry (any login), or as Bearer.";
    private static final String INVALID = "This token is unknown, expired or revoked. Create a new one.";

    /** Clients that migrated from attic still send its tokens. */
    private static final String JWT =
            "This is a JWT, such as attic's own tokens. This server does not accept them; it accepts"
                    + " only its own tokens, which begin with nrx_. Create one on the page /me/tokens or ask an administrator, then run"
                    + " “attic login” with it, or use it as the password in the netrc file.";

    boolean isAllowed(Action action, Cache cache, Optional<PackageName> packageName) {
        boolean forEveryone = action.isRead() && cache.open();
        return switch (principal) {
            case Principal.Anonymous anonymous -> forEveryone;
            case Principal.Invalid invalid -> action == Action.PULL && forEveryone;
            case Principal.Person person -> forEveryone || personMay(action);
            case Principal.Token token ->
                forEveryone
                        || (token.scope().covers(action, cache.name(), packageName)
                                && (token.owner().isEmpty() || personMay(action)));
        };
    }

    private boolean personMay(Action action) {
        return principal.person().filter(Principal.Person::admin).isPresent()
                || role.filter(mine -> mine.covers(action.role())).isPresent();
    }

    /**
     * Returns the error for a principal without the right.
     *
     * @param cache empty if there is no such cache; the error is then the same as for a cache that the principal may not read
     */
    Problem denial(Action action, String name, Optional<Cache> cache) {
        return switch (principal) {
            case Principal.Anonymous anonymous -> new Problem.Unauthorized(SIGN_IN);
            case Principal.Invalid invalid -> new Problem.Unauthorized(invalid.jwt() ? JWT : INVALID);
            case Principal.Person person -> denialOfKnownCache(action, name, cache);
            case Principal.Token token -> denialOfKnownCache(action, name, cache);
        };
    }

    private Problem denialOfKnownCache(Action action, String name, Optional<Cache> cache) {
        boolean seen =
                cache.filter(c -> isAllowed(Action.READ, c, Optional.empty())).isPresent();
        return seen && !action.isRead()
                ? new Problem.Forbidden(missingRight(action, name))
                : new Problem.NotFound("cache", name);
    }

    private String missingRight(Action action, String name) {
        boolean byRole = principal.person().isPresent() && !personMay(action);
        return switch (principal) {
            case Principal.Token token
            when !byRole ->
                "The scope of the token “" + token.label() + "” does not let it " + action + " this in " + name
                        + ". Create a token whose scope includes the action, the cache and the package.";
            case Principal other ->
                "To " + action + " in " + name + " one must be its " + action.role() + "; you are "
                        + role.map(mine -> "its " + mine).orElse("no member") + ". Its owners can change that.";
        };
    }
}
