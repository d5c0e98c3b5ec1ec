package dev.narthex.web;

import dev.narthex.access.ForPeople;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import org.jboss.resteasy.reactive.RestResponse;

/** All pages below a cache. The router only finds this class; {@link PageAddress} reads the rest, from the raw path. */
@Path("/{cache}")
@ForPeople
@RunOnVirtualThread
class CacheEndpoint {
    private final Pages pages;

    CacheEndpoint(Pages pages) {
        this.pages = pages;
    }

    @GET
    public RestResponse<Object> cache(HttpServerRequest request, @Context HttpHeaders headers) throws IOException {
        return pages.page(Asked.page(request), headers);
    }

    @GET
    @Path("{below:.+}")
    public RestResponse<Object> below(HttpServerRequest request, @Context HttpHeaders headers) throws IOException {
        return pages.page(Asked.page(request), headers);
    }
}
