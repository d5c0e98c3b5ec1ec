package dev.narthex.web.account;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.access.CsrfTokens;
import dev.narthex.access.SignIn;
import dev.narthex.web.page.PageResponses;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * Ends a session. It is a link instead of a form because it redirects to the identity provider, and the pages'
 * Content-Security-Policy does not allow forms to lead there.
 */
@Path("/logout")
@BrowserEndpoint
@RunOnVirtualThread
class LogoutEndpoint {
    static final String ACT = "sign out";

    private final SignIn signIn;
    private final CsrfTokens csrfTokens;

    LogoutEndpoint(SignIn signIn, CsrfTokens csrfTokens) {
        this.signIn = signIn;
        this.csrfTokens = csrfTokens;
    }

    @GET
    public RestResponse<Object> get(@RestQuery @Nullable String key) {
        if (!signIn.signedIn()) {
            return PageResponses.seeOther(LoggedOutEndpoint.PAGE);
        }
        csrfTokens.require(ACT, key);
        return PageResponses.seeOther(signIn.signOut());
    }
}
