package dev.narthex.substituter;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.path.Paths;
import dev.narthex.http.ContentResponse;
import dev.narthex.http.RequestBodies;
import dev.narthex.problem.Problem;
import dev.narthex.store.NarStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** Serves file listings of store paths. The server makes them from the NAR; listings that clients upload are discarded. */
@Path("/{cache}")
@RunOnVirtualThread
class ListingEndpoint {
    /** About a million files. */
    private static final int MAX_BODY_BYTES = 128 << 20;

    private final Access access;
    private final Paths paths;
    private final NarStore nars;

    ListingEndpoint(Access access, Paths paths, NarStore nars) {
        this.access = access;
        this.paths = paths;
        this.nars = nars;
    }

    @GET
    @Path("{hash:" + ProtocolPatterns.HASH + "}.ls")
    public RestResponse<Object> get(@RestPath String cache, @RestPath String hash, @Context HttpHeaders headers) {
        var authorizedCache = access.require(Action.PULL, cache);
        var path = paths.find(authorizedCache.id(), hash).orElseThrow(() -> Problem.notFound("store path", hash));
        var etag = "\"" + path.narHash().nix32() + "-ls\"";
        if (ContentResponse.etagMatches(headers.getHeaderString("If-None-Match"), etag)) {
            return ContentResponse.notModified(etag, Map.of());
        }
        return ResponseBuilder.<Object>ok(ContentResponse.streaming(out -> {
                    try (var json = nars.openListingJson(path.narId())) {
                        json.transferTo(out);
                    }
                }))
                .header("Content-Type", "application/json")
                .header("ETag", etag)
                .build();
    }

    @PUT
    @Path("{hash:" + ProtocolPatterns.HASH + "}.ls")
    @Consumes("*/*")
    public void put(@RestPath String cache, @RestPath String hash, @Context HttpHeaders headers, InputStream body)
            throws IOException {
        access.require(Action.PUSH, cache);
        try (var listing = RequestBodies.decode(headers, body, MAX_BODY_BYTES, "listing")) {
            RequestBodies.skip(listing, MAX_BODY_BYTES, "listing");
        }
    }
}
