package dev.narthex.web;

import dev.narthex.access.ForPeople;
import dev.narthex.access.SignIn;
import dev.narthex.problem.Problem;
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
@ForPeople
@RunOnVirtualThread
class LoginEndpoint {
    private final SignIn signIn;
    private final Frames frames;

    LoginEndpoint(SignIn signIn, Frames frames) {
        this.signIn = signIn;
        this.frames = frames;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request, @RestQuery @Nullable String to) {
        var provider = signIn.provider().orElseThrow(() -> new Problem.NotFound("page", request.path()).asException());
        var page = Here.page(to);
        if (signIn.signedIn()) {
            return Answers.seeOther(page);
        }
        var asked = Asked.page(request);
        var body = Templates.login(frames.of(asked, ""), provider, page, "/oidc/start?to=" + Urls.query(page))
                .render();
        return Answers.unkept(asked, body);
    }
}
