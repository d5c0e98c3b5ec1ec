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

/** Every page as JSON: the same address behind {@code /api}. */
@Path("/api")
@ForPeople
@RunOnVirtualThread
class TwinEndpoint {
    private final Pages pages;

    TwinEndpoint(Pages pages) {
        this.pages = pages;
    }

    @GET
    public RestResponse<Object> home(HttpServerRequest request, @Context HttpHeaders headers) throws IOException {
        return pages.twin(Asked.twin(request), headers);
    }

    @GET
    @Path("{page:.+}")
    public RestResponse<Object> page(HttpServerRequest request, @Context HttpHeaders headers) throws IOException {
        return pages.twin(Asked.twin(request), headers);
    }
}
