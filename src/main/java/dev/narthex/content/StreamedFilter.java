package dev.narthex.content;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.time.Duration;
import java.util.Objects;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Has long bodies come through {@link Receiving}. */
class StreamedFilter {
    private static final Duration SILENCE = Duration.ofSeconds(30);

    @Streamed
    @ServerRequestFilter
    void filter(ContainerRequestContext context, HttpServerRequest request) {
        var loop = Objects.requireNonNull(Vertx.currentContext());
        context.setEntityStream(new Receiving(request, loop, SILENCE));
    }
}
