package dev.narthex.web;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.RestResponse;

/** Serves the JSON twin of every page, at the page's path below {@code /api}. */
@Path("/api")
@BrowserEndpoint
@RunOnVirtualThread
class JsonPageEndpoint {
    private final PageService pages;

    JsonPageEndpoint(PageService pages) {
        this.pages = pages;
    }

    @GET
    @APIResponse(
            responseCode = "200",
            description = "What the page shows",
            content = @Content(mediaType = PageResponses.JSON))
    public RestResponse<Object> home(HttpServerRequest request, @Context HttpHeaders headers) throws IOException {
        return pages.twin(PageRequest.twin(request), headers);
    }

    @GET
    @APIResponse(
            responseCode = "200",
            description = "What the page shows",
            content = @Content(mediaType = PageResponses.JSON))
    @Path("{page:.+}")
    @Parameter(name = "page", in = ParameterIn.PATH, description = "Address of a page, without its first slash")
    public RestResponse<Object> page(HttpServerRequest request, @Context HttpHeaders headers) throws IOException {
        return pages.twin(PageRequest.twin(request), headers);
    }
}
