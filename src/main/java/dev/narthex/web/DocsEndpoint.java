package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.ForPeople;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestResponse;

/** How to push and install, in one page. */
@Path("/docs")
@ForPeople
@RunOnVirtualThread
class DocsEndpoint {
    private static final int LISTED = 20;

    private final Access access;
    private final GlobalViews views;
    private final Frames frames;

    DocsEndpoint(Access access, GlobalViews views, Frames frames) {
        this.access = access;
        this.views = views;
        this.frames = frames;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        var asked = Asked.page(request);
        var visible = access.visible();
        var listed = views.cacheLines(visible.subList(0, Math.min(LISTED, visible.size())));
        var body = Templates.docs(frames.of(asked, ""), views.anySetUp(visible), listed)
                .render();
        return Answers.body(asked, body, Answers.HTML, 200)
                .header("Cache-Control", "no-cache")
                .build();
    }
}
