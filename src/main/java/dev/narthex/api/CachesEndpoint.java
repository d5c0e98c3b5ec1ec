package dev.narthex.api;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.admin.CacheAdministration;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.catalog.cache.CacheSettingsStore;
import dev.narthex.nix.PublicKey;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jboss.resteasy.reactive.RestResponse.Status;

/** REST API for caches: creates, configures, deletes and undeletes them. */
@Path("/_api/v1/caches")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class CachesEndpoint {
    private final Access access;
    private final CacheAdministration cacheAdministration;
    private final CacheCatalog caches;
    private final CacheSettingsStore settings;
    private final CacheKeyring keys;

    CachesEndpoint(
            Access access,
            CacheAdministration cacheAdministration,
            CacheCatalog caches,
            CacheSettingsStore settings,
            CacheKeyring keys) {
        this.access = access;
        this.cacheAdministration = cacheAdministration;
        this.caches = caches;
        this.settings = settings;
        this.keys = keys;
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    public RestResponse<CacheResponse> create(InputStream body) throws IOException {
        var request = JsonRequestBody.read(body, CacheRequest.class);
        if (request.setsLimits()) {
            access.requireAdmin();
        }
        var cache = cacheAdministration.create(request.requiredName(), request.sharesBytesWith(), request::of);
        return ResponseBuilder.create(Status.CREATED, toResponse(cache))
                .header("Location", "/_api/v1/caches/" + cache.name())
                .header("Cache-Control", "no-store")
                .build();
    }

    @GET
    @Path("{cache}")
    public RestResponse<CacheResponse> get(@RestPath String cache) {
        return respond(access.require(Action.CONFIGURE, cache));
    }

    /**
     * Changes the fields that are present and resets those that are null (JSON merge patch, RFC 7396). Making a cache private
     * takes effect with the next request. Only admins may change limits: owners could otherwise lift their own.
     */
    @PATCH
    @Path("{cache}")
    @Consumes(MediaType.WILDCARD)
    public RestResponse<CacheResponse> change(@RestPath String cache, InputStream body) throws IOException {
        var foundCache = access.require(Action.CONFIGURE, cache);
        var request = JsonRequestBody.readPatch(body, CacheRequest.class, CacheRequest.NONE);
        if (request.setsLimits()) {
            access.requireAdmin(Action.CONFIGURE, foundCache);
        }
        request.requireNothingFixed();
        return respond(cacheAdministration.configure(cache, request::of));
    }

    /** @param until end of the grace period; after it the cache cannot be undeleted */
    record CacheDeletedResponse(String name, Instant until) {}

    /** @param free releases the name of a cache that is already removed, instead of deleting a cache */
    @DELETE
    @Path("{cache}")
    public RestResponse<CacheDeletedResponse> delete(
            @RestPath String cache, @RestQuery @DefaultValue("false") boolean free) {
        if (free) {
            cacheAdministration.releaseName(cache);
            return RestResponse.noContent();
        }
        return RestResponse.ok(new CacheDeletedResponse(cache, cacheAdministration.delete(cache)));
    }

    @POST
    @Path("{cache}/undelete")
    @Consumes(MediaType.WILDCARD)
    public RestResponse<CacheResponse> undelete(@RestPath String cache) {
        return respond(cacheAdministration.undelete(cache));
    }

    private RestResponse<CacheResponse> respond(Cache cache) {
        return ResponseBuilder.ok(toResponse(cache))
                .header("Cache-Control", "no-store")
                .build();
    }

    private CacheResponse toResponse(Cache cache) {
        var set = settings.of(cache.id());
        var counts = caches.counts(cache.id());
        return new CacheResponse(
                cache.name(),
                set.open(),
                set.summary(),
                set.priority(),
                StorePath.STORE_DIR,
                set.upstreamKeyNames(),
                set.automatic(),
                CacheResponse.RetentionResponse.of(set.retention()),
                keys.signing(cache.id()).stream().map(PublicKey::toString).toList(),
                new CacheResponse.Usage(counts.paths(), counts.narBytes()),
                set.quotaBytes(),
                set.uploadBytesPerMinute());
    }
}
