package dev.narthex.access;

import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who makes this request, and what he is in the caches that it is about; each looked up once, when first asked. */
@RequestScoped
class Caller {
    /** No cache has this id. */
    static final long NO_CACHE = 0;

    private final Standings standings;
    private final Failures failures;
    private final Session session;
    private final HttpHeaders headers;
    private final HttpServerRequest request;
    private final Map<Long, Standing> known = new HashMap<>();
    private @Nullable Map<Long, Role> roles;

    Caller(
            Standings standings,
            Failures failures,
            Session session,
            @Context HttpHeaders headers,
            @Context HttpServerRequest request) {
        this.standings = standings;
        this.failures = failures;
        this.session = session;
        this.headers = headers;
        this.request = request;
    }

    Principal principal() {
        return known.values().stream().findAny().orElseGet(() -> in(NO_CACHE)).who();
    }

    Standing in(long cacheId) {
        return known.computeIfAbsent(cacheId, this::look);
    }

    /** What the person who asks is in the caches of which he is a member, by the ids of those. */
    Map<Long, Role> roles() {
        if (roles == null) {
            roles = principal().person().map(standings::roles).orElse(Map.of());
        }
        return roles;
    }

    /** Where the request comes from; behind a proxy that Quarkus is told to believe, what that says. Without a zone. */
    String address() {
        return Optional.ofNullable(request.remoteAddress())
                .flatMap(remote -> Optional.ofNullable(remote.hostAddress()))
                .map(address -> address.replaceFirst("%.*", ""))
                .orElse("");
    }

    /** What is asked, as it was sent, without the query. */
    String path() {
        return request.path();
    }

    /** @throws dev.narthex.problem.ProblemException TooManyRequests after too many that were not valid */
    private Standing look(long cacheId) {
        var found = Credential.secret(Optional.ofNullable(headers.getHeaderString(HttpHeaders.AUTHORIZATION)))
                .map(secret -> standings.bySecret(secret, cacheId))
                .orElseGet(() -> reader(cacheId));
        if (found.who() instanceof Principal.Invalid) {
            failures.note(address());
        }
        return found;
    }

    private Standing reader(long cacheId) {
        return session.person()
                .map(person -> standings.of(person, cacheId))
                .orElseGet(() -> new Standing(new Principal.Anonymous(), Optional.empty()));
    }
}
