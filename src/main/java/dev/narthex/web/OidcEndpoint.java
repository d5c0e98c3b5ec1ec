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
 * To the identity provider and back: {@code start} sends the browser there, the provider sends it to {@code callback}, and that
 * to {@code start} again, which now knows its reader and leads to where he came from.
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
