package dev.narthex.content;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;

/** The client whose request runs on this thread. */
public final class Client {
    private Client() {}

    private static Optional<RoutingContext> context() {
        return Optional.ofNullable(CurrentRequestManager.get()).map(request -> request.unwrap(RoutingContext.class));
    }

    /** Empty outside of requests. */
    static Optional<HttpServerRequest> request() {
        return context().map(RoutingContext::request);
    }

    /** Runs once the answer was sent, or the client left. It must not block. */
    public static void whenAnswered(Runnable act) {
        context().orElseThrow().addEndHandler(end -> act.run());
    }

    /** Its address, as trusted proxies say it; empty outside of requests. */
    public static String address() {
        return request()
                .flatMap(request -> Optional.ofNullable(request.remoteAddress()))
                .flatMap(address -> Optional.ofNullable(address.hostAddress()))
                .orElse("");
    }
}
