package dev.narthex.web.account;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.access.SignIn;
import dev.narthex.web.page.LocalRedirect;
import dev.narthex.web.page.PageResponses;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * The sign-in round trip: {@code start} redirects to the identity provider, which redirects to {@code callback}, which redirects
 * to {@code start} again. The user is then signed in, and {@code start} redirects to the original page.
 */
@Path("/oidc")
@BrowserEndpoint
@RunOnVirtualThread
class OidcEndpoint {
    private final SignIn signIn;

    OidcEndpoint(SignIn signIn) {
        this.signIn = signIn;
    }

    @GET
    @Path("start")
    public RestResponse<Object> start(@RestQuery @Nullable String to) {
        return PageResponses.seeOther(signIn.signedIn() ? LocalRedirect.page(to) : signIn.begin());
    }

    @GET
    @Path("callback")
    public RestResponse<Object> callback() {
        return PageResponses.seeOther(signIn.complete());
    }
}
