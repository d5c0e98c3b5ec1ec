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

/** Where forms that compare send to; {@link DiffSides} says what they may send, and the answer leads to the page. */
@Path("/diff")
@ForPeople
@RunOnVirtualThread
class DiffEndpoint {
    private final Pages pages;

    DiffEndpoint(Pages pages) {
        this.pages = pages;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request, @Context HttpHeaders headers) throws IOException {
        return pages.page(Asked.page(request), headers);
    }
}
