package dev.narthex.web.page;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestResponse;

/** Serves the logo to browsers that request it at the default location. */
@Path("/favicon.ico")
class FaviconEndpoint {
    private final Assets assets;

    FaviconEndpoint(Assets assets) {
        this.assets = assets;
    }

    @GET
    @RunOnVirtualThread
    public RestResponse<Object> get(HttpServerRequest request) {
        return AssetsEndpoint.send(
                assets.find("mark.svg").orElseThrow(), PageRequest.page(request), "public, max-age=86400");
    }
}
