package dev.narthex.substituter;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.http.Content;
import dev.narthex.http.ContentResponse;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.nio.charset.StandardCharsets;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/** Serves {@code nix-cache-info}: the store directory of a cache and its priority among substituters. */
@Path("/{cache}")
@RunOnVirtualThread
class CacheInfoEndpoint {
    private final Access access;

    CacheInfoEndpoint(Access access) {
        this.access = access;
    }

    @GET
    @Path("nix-cache-info")
    public RestResponse<Object> get(@RestPath String cache, @Context HttpHeaders headers) {
        var authorizedCache = access.require(Action.PULL, cache);
        var text = "StoreDir: " + StorePath.STORE_DIR + "\nWantMassQuery: 1\nPriority: " + authorizedCache.priority()
                + "\n";
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var etag = NixHash.sha256(bytes).nix32();
        var cacheControl = ProtocolPatterns.cacheControl(authorizedCache, "max-age=60");
        return ContentResponse.of(Content.of(bytes), etag, ProtocolPatterns.CACHE_INFO_TYPE, cacheControl, headers);
    }
}
