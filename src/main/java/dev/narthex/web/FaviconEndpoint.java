package dev.narthex.web;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestResponse;

/** The mark, for browsers that ask without having been told where it is. */
@Path("/favicon.ico")
class FaviconEndpoint {
    private final Assets assets;

    FaviconEndpoint(Assets assets) {
        this.assets = assets;
    }

    @GET
    @RunOnVirtualThread
    public RestResponse<Object> get(HttpServerRequest request) {
        return AssetsEndpoint.send(assets.find("mark.svg").orElseThrow(), Asked.page(request), "public, max-age=86400");
    }
}
