package dev.narthex.tenant;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.JsonBody;
import dev.narthex.catalog.CacheKey;
import dev.narthex.catalog.CacheKeys;
import dev.narthex.problem.Problem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;

/**
 * Keys of a cache, for its owners. A rotation goes on for as long as clients need: a new key signs beside the old one; when
 * they trust the new one the old one is retired, and its secret destroyed.
 */
@Path("/_api/v1/caches/{cache}/keys")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class KeysEndpoint {
    private final Access access;
    private final Tenants tenants;
    private final CacheKeys keys;

    KeysEndpoint(Access access, Tenants tenants, CacheKeys keys) {
        this.access = access;
        this.tenants = tenants;
        this.keys = keys;
    }

    /**
     * A key as it is shown.
     *
     * @param publicKey as for trusted-public-keys
     * @param state signing, retired, or known if there is no secret
     */
    record Shown(String name, String publicKey, String state, Instant createdAt) {
        static Shown of(CacheKey key) {
            return new Shown(
                    key.publicKey().name(),
                    key.publicKey().toString(),
                    key.state().name().toLowerCase(Locale.ROOT),
                    key.createdAt());
        }
    }

    /** Oldest first. */
    @GET
    public List<Shown> list(@RestPath String cache) {
        return keys.list(access.require(Action.CONFIGURE, cache).id()).stream()
                .map(Shown::of)
                .toList();
    }

    /** A new key, which signs at once. */
    @POST
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(201)
    public Shown rotate(@RestPath String cache) {
        var made = tenants.rotate(cache);
        return shown(cache, made.name());
    }

    /** @param signing whether it signs from now on */
    record Wanted(Optional<Boolean> signing) {}

    @PATCH
    @Path("{name}")
    @Consumes(MediaType.WILDCARD)
    public Shown change(@RestPath String cache, @RestPath String name, InputStream body) throws IOException {
        access.require(Action.CONFIGURE, cache);
        var signing = JsonBody.read(body, Wanted.class)
                .signing()
                .orElseThrow(() -> new Problem.Malformed("signing", "", "give true or false.").asException());
        tenants.setSigning(cache, name, signing);
        return shown(cache, name);
    }

    /** Destroys its secret. The public half stays, so that its name is never that of another key. */
    @DELETE
    @Path("{name}")
    @ResponseStatus(204)
    public void destroy(@RestPath String cache, @RestPath String name) {
        tenants.destroyKey(cache, name);
    }

    private Shown shown(String cache, String name) {
        return list(cache).stream()
                .filter(key -> key.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Problem.NotFound("key", name).asException());
    }
}
