package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.ForPeople;
import dev.narthex.catalog.Changes;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestResponse;

/** Whether the database answers, and which version this is. */
@Path("/status")
@ForPeople
@RunOnVirtualThread
class StatusEndpoint {
    private final Access access;
    private final Changes changes;
    private final Frames frames;
    private final String version;

    StatusEndpoint(
            Access access,
            Changes changes,
            Frames frames,
            @ConfigProperty(name = "quarkus.application.version", defaultValue = "development") String version) {
        this.access = access;
        this.changes = changes;
        this.frames = frames;
        this.version = version;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        var asked = Asked.page(request);
        var body = Templates.status(
                        frames.of(asked, ""),
                        Instant.now().truncatedTo(ChronoUnit.SECONDS),
                        Build.STARTED,
                        version,
                        changes.revision(),
                        access.visible().size())
                .render();
        return Answers.body(asked, body, Answers.HTML, 200)
                .header("Cache-Control", "no-store")
                .build();
    }
}
