package dev.narthex.http;

import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;

/** Detects whether a client downloaded a content completely. */
public final class DeliveryCheck {
    private static final int STATUS_OK = 200;
    private static final int STATUS_PARTIAL_CONTENT = 206;

    private DeliveryCheck() {}

    /**
     * Runs an action when the response has been sent completely and starts with the first byte of the content. It does not run
     * for HEAD, 304, aborted responses, or a range from the middle, which resumes an earlier download. Must be called on the
     * thread of the resource method. The action must not block.
     */
    public static void onDelivered(RestResponse<Object> response, Runnable action) {
        var request = Optional.ofNullable(CurrentRequestManager.get());
        if (!startsAtFirstByte(response)
                || !request.map(r -> r.getMethod().equals("GET")).orElse(false)) {
            return;
        }
        var routingContext = request.map(r -> r.unwrap(RoutingContext.class));
        routingContext.ifPresent(context -> context.addEndHandler(result -> {
            if (result.succeeded()) {
                action.run();
            }
        }));
    }

    private static boolean startsAtFirstByte(RestResponse<Object> response) {
        var range = Objects.requireNonNullElse(response.getHeaderString("Content-Range"), "");
        return response.getStatus() == STATUS_OK
                || (response.getStatus() == STATUS_PARTIAL_CONTENT && range.startsWith("bytes 0-"));
    }
}
