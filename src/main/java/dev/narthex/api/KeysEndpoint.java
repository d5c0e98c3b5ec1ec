package dev.narthex.api;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.admin.CacheAdministration;
import dev.narthex.catalog.cache.CacheKey;
import dev.narthex.catalog.cache.CacheKeyring;
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
 * REST API for the signing keys of a cache, for its owners. To rotate without breaking clients, add a key, which signs together
 * with the old one; when all clients trust it, stop signing with the old one, then destroy its secret.
 */
@Path("/_api/v1/caches/{cache}/keys")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class KeysEndpoint {
    private final Access access;
    private final CacheAdministration cacheAdministration;
    private final CacheKeyring keys;

    KeysEndpoint(Access access, CacheAdministration cacheAdministration, CacheKeyring keys) {
        this.access = access;
        this.cacheAdministration = cacheAdministration;
        this.keys = keys;
    }

    /**
     * A key, without its secret.
     *
     * @param publicKey in the format of nix's {@code trusted-public-keys}
     * @param state {@code signing}, {@code retired}, or {@code known} if there is no secret
     */
    record KeyResponse(String name, String publicKey, String state, Instant createdAt) {
        static KeyResponse of(CacheKey key) {
            return new KeyResponse(
                    key.publicKey().name(),
                    key.publicKey().toString(),
                    key.state().name().toLowerCase(Locale.ROOT),
                    key.createdAt());
        }
    }

    /** Returns all keys, oldest first. */
    @GET
    public List<KeyResponse> list(@RestPath String cache) {
        return keys.list(access.require(Action.CONFIGURE, cache).id()).stream()
                .map(KeyResponse::of)
                .toList();
    }

    /** Creates a key that signs from now on, together with the existing ones. */
    @POST
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(201)
    public KeyResponse rotate(@RestPath String cache) {
        var key = cacheAdministration.rotate(cache);
        return toResponse(cache, key.name());
    }

    /** @param signing whether the key signs from now on */
    record KeyRequest(Optional<Boolean> signing) {}

    @PATCH
    @Path("{name}")
    @Consumes(MediaType.WILDCARD)
    public KeyResponse change(@RestPath String cache, @RestPath String name, InputStream body) throws IOException {
        access.require(Action.CONFIGURE, cache);
        var signing = JsonRequestBody.read(body, KeyRequest.class)
                .signing()
                .orElseThrow(() -> Problem.malformed("signing", "", "use true or false."));
        cacheAdministration.setSigning(cache, name, signing);
        return toResponse(cache, name);
    }

    /** Destroys the secret of a key. The public key stays, so that its name is never reused for another key. */
    @DELETE
    @Path("{name}")
    @ResponseStatus(204)
    public void destroy(@RestPath String cache, @RestPath String name) {
        cacheAdministration.destroyKey(cache, name);
    }

    private KeyResponse toResponse(String cache, String name) {
        return list(cache).stream()
                .filter(key -> key.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.notFound("key", name));
    }
}
