package dev.narthex.web;

import dev.narthex.access.ForPeople;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestResponse;

/** The page shown after signing out. */
@Path(LoggedOutEndpoint.PAGE)
@ForPeople
@RunOnVirtualThread
class LoggedOutEndpoint {
    static final String PAGE = "/logged-out";

    private final Frames frames;

    LoggedOutEndpoint(Frames frames) {
        this.frames = frames;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        var asked = Asked.page(request);
        return Answers.unkept(asked, Templates.loggedOut(frames.of(asked, "")).render());
    }
}
