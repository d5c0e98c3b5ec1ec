package dev.narthex.web.account;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.access.SignIn;
import dev.narthex.problem.Problem;
import dev.narthex.web.page.LocalRedirect;
import dev.narthex.web.page.PageLayoutBuilder;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.Templates;
import dev.narthex.web.view.Urls;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The sign-in page, which links to the identity provider. */
@Path("/login")
@BrowserEndpoint
@RunOnVirtualThread
class LoginEndpoint {
    private final SignIn signIn;
    private final PageLayoutBuilder layouts;

    LoginEndpoint(SignIn signIn, PageLayoutBuilder layouts) {
        this.signIn = signIn;
        this.layouts = layouts;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request, @RestQuery @Nullable String to) {
        var provider = signIn.provider().orElseThrow(() -> Problem.notFound("page", request.path()));
        var page = LocalRedirect.page(to);
        if (signIn.signedIn()) {
            return PageResponses.seeOther(page);
        }
        var pageRequest = PageRequest.page(request);
        var body = Templates.login(layouts.of(pageRequest, ""), provider, page, "/oidc/start?to=" + Urls.query(page))
                .render();
        return PageResponses.uncached(pageRequest, body);
    }
}
