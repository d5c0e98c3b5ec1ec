package dev.narthex.web;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.web.page.PageRequest;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import org.jboss.resteasy.reactive.RestResponse;

@Path("/caches")
@BrowserEndpoint
@RunOnVirtualThread
class CachesPageEndpoint {
    private final PageService pages;

    CachesPageEndpoint(PageService pages) {
        this.pages = pages;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request, @Context HttpHeaders headers) throws IOException {
        return pages.page(PageRequest.page(request), headers);
    }
}
