package dev.narthex.web;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.web.page.PageLayoutBuilder;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.Templates;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestResponse;

/** The status page: the server's version, and whether the database answers. */
@Path("/status")
@BrowserEndpoint
@RunOnVirtualThread
class StatusEndpoint {
    private final StatusPageBuilder statusPage;
    private final PageLayoutBuilder layouts;

    StatusEndpoint(StatusPageBuilder statusPage, PageLayoutBuilder layouts) {
        this.statusPage = statusPage;
        this.layouts = layouts;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        var pageRequest = PageRequest.page(request);
        return PageResponses.uncached(
                pageRequest,
                Templates.status(layouts.withTwin(pageRequest), statusPage.now())
                        .render());
    }
}
