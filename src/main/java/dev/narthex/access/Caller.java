package dev.narthex.access;

import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The principal of the current request and its permissions in the caches it accesses. Both are looked up on first use and kept for
 * the request.
 */
@RequestScoped
class Caller {
    /** An id that no cache has. */
    static final long NO_CACHE = 0;

    private final PrincipalAuthenticator authenticator;
    private final FailedLoginThrottle failures;
    private final Session session;
    private final HttpHeaders headers;
    private final HttpServerRequest request;
    private final Map<Long, CachePermissions> permissions = new HashMap<>();
    private @Nullable Map<Long, Role> roles;

    Caller(
            PrincipalAuthenticator authenticator,
            FailedLoginThrottle failures,
            Session session,
            @Context HttpHeaders headers,
            @Context HttpServerRequest request) {
        this.authenticator = authenticator;
        this.failures = failures;
        this.session = session;
        this.headers = headers;
        this.request = request;
    }

    Principal principal() {
        return permissions.values().stream()
                .findAny()
                .orElseGet(() -> permissionsIn(NO_CACHE))
                .principal();
    }

    CachePermissions permissionsIn(long cacheId) {
        return permissions.computeIfAbsent(cacheId, this::findPermissions);
    }

    /** Returns the roles of the person who makes this request, by cache id. Empty if there is no person. */
    Map<Long, Role> roles() {
        if (roles == null) {
            roles = principal().person().map(authenticator::roles).orElse(Map.of());
        }
        return roles;
    }

    /**
     * Returns the IP address of the client, without a zone id. Behind a trusted proxy it is the forwarded address, as configured in
     * Quarkus. Empty if unknown.
     */
    String address() {
        return Optional.ofNullable(request.remoteAddress())
                .flatMap(remote -> Optional.ofNullable(remote.hostAddress()))
                .map(address -> address.replaceFirst("%.*", ""))
                .orElse("");
    }

    /** Returns the request path as the client sent it, without the query. */
    String path() {
        return request.path();
    }

    /** @throws dev.narthex.problem.ProblemException TooManyRequests after too many invalid credentials */
    private CachePermissions findPermissions(long cacheId) {
        var permissions = Credential.secret(Optional.ofNullable(headers.getHeaderString(HttpHeaders.AUTHORIZATION)))
                .map(secret -> authenticator.bySecret(secret, cacheId))
                .orElseGet(() -> reader(cacheId));
        if (permissions.principal() instanceof Principal.Invalid) {
            failures.recordFailure(address());
        }
        return permissions;
    }

    private CachePermissions reader(long cacheId) {
        return session.person()
                .map(person -> authenticator.of(person, cacheId))
                .orElseGet(() -> new CachePermissions(new Principal.Anonymous(), Optional.empty()));
    }
}
