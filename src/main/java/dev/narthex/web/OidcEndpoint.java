package dev.narthex.web;

import dev.narthex.access.ForPeople;
import dev.narthex.access.SignIn;
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
@ForPeople
@RunOnVirtualThread
class OidcEndpoint {
    private final SignIn signIn;

    OidcEndpoint(SignIn signIn) {
        this.signIn = signIn;
    }

    @GET
    @Path("start")
    public RestResponse<Object> start(@RestQuery @Nullable String to) {
        return Answers.seeOther(signIn.signedIn() ? Here.page(to) : signIn.begin());
    }

    @GET
    @Path("callback")
    public RestResponse<Object> callback() {
        return Answers.seeOther(signIn.complete());
    }
}
