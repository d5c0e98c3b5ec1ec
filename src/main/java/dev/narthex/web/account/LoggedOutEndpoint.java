package dev.narthex.web.account;

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

/** The page shown after signing out. */
@Path(LoggedOutEndpoint.PAGE)
@BrowserEndpoint
@RunOnVirtualThread
class LoggedOutEndpoint {
    static final String PAGE = "/logged-out";

    private final PageLayoutBuilder layouts;

    LoggedOutEndpoint(PageLayoutBuilder layouts) {
        this.layouts = layouts;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        var pageRequest = PageRequest.page(request);
        return PageResponses.uncached(
                pageRequest, Templates.loggedOut(layouts.of(pageRequest, "")).render());
    }
}
