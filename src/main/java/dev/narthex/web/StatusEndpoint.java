package dev.narthex.web;

import dev.narthex.access.ForPeople;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestResponse;

/** The status page: the server's version, and whether the database answers. */
@Path("/status")
@ForPeople
@RunOnVirtualThread
class StatusEndpoint {
    private final StatusViews views;
    private final Frames frames;

    StatusEndpoint(StatusViews views, Frames frames) {
        this.views = views;
        this.frames = frames;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        var asked = Asked.page(request);
        return Answers.unkept(
                asked, Templates.status(frames.withTwin(asked), views.now()).render());
    }
}
