package dev.narthex.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;

/** The client of the request that the current thread is handling. */
public final class CurrentRequest {
    private CurrentRequest() {}

    private static Optional<RoutingContext> findContext() {
        return Optional.ofNullable(CurrentRequestManager.get()).map(request -> request.unwrap(RoutingContext.class));
    }

    /** Empty outside of requests. */
    static Optional<HttpServerRequest> findRequest() {
        return findContext().map(RoutingContext::request);
    }

    /** Runs an action after the response was sent or the client disconnected. The action must not block. */
    public static void onResponseEnd(Runnable action) {
        findContext().orElseThrow().addEndHandler(result -> action.run());
    }

    /** Returns the client's address as reported by trusted proxies; empty outside of requests. */
    public static String clientAddress() {
        return findRequest()
                .flatMap(request -> Optional.ofNullable(request.remoteAddress()))
                .flatMap(address -> Optional.ofNullable(address.hostAddress()))
                .orElse("");
    }
}
