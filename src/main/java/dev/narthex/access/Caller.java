package dev.narthex.access;

import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Who makes this request, and what he is in the caches that it is about; each looked up once, when first asked. */
@RequestScoped
class Caller {
    /** No cache has this id. */
    static final long NO_CACHE = 0;

    private final Standings standings;
    private final HttpHeaders headers;
    private final Map<Long, Standing> known = new HashMap<>();

    Caller(Standings standings, @Context HttpHeaders headers) {
        this.standings = standings;
        this.headers = headers;
    }

    Principal principal() {
        return known.values().stream().findAny().orElseGet(() -> in(NO_CACHE)).who();
    }

    Standing in(long cacheId) {
        return known.computeIfAbsent(cacheId, this::look);
    }

    private Standing look(long cacheId) {
        return Credential.secret(Optional.ofNullable(headers.getHeaderString(HttpHeaders.AUTHORIZATION)))
                .map(secret -> standings.bySecret(secret, cacheId))
                .orElseGet(() -> new Standing(new Principal.Anonymous(), Optional.empty()));
    }
}
