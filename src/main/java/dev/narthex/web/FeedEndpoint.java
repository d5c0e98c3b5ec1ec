package dev.narthex.web;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.web.page.Feed;
import dev.narthex.web.page.PageRequest;
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

/** Serves the Atom feed of a page, at the page's path below {@code /feed}. */
@Path(Feed.PREFIX)
@BrowserEndpoint
@RunOnVirtualThread
class FeedEndpoint {
    private final PageService pages;

    FeedEndpoint(PageService pages) {
        this.pages = pages;
    }

    @GET
    @APIResponse(
            responseCode = "200",
            description = "New releases, newest first (RFC 4287)",
            content = @Content(mediaType = "application/atom+xml"))
    @Path("{page:.+}")
    @Parameter(name = "page", in = ParameterIn.PATH, description = "Address of a page, without its first slash")
    public RestResponse<Object> page(HttpServerRequest request, @Context HttpHeaders headers) throws IOException {
        return pages.feed(PageRequest.strippedOf(Feed.PREFIX, request), headers);
    }
}
