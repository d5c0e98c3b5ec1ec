package dev.narthex.content;

import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;

/** Whether a client took what it was offered. */
public final class Taken {
    private static final int WHOLE = 200;
    private static final int PART = 206;

    private Taken() {}

    /**
     * Runs when the answer has been sent to its last byte, if it begins with the first byte of the content. Never for HEAD, 304
     * or a range from the middle, which goes on where another answer broke off, nor for an answer that breaks off. Call it on
     * the thread of the resource method; it must not block.
     */
    public static void then(RestResponse<Object> answer, Runnable act) {
        var request = Optional.ofNullable(CurrentRequestManager.get());
        if (!begins(answer) || !request.map(r -> r.getMethod().equals("GET")).orElse(false)) {
            return;
        }
        var http = request.map(r -> r.unwrap(RoutingContext.class));
        http.ifPresent(context -> context.addEndHandler(end -> {
            if (end.succeeded()) {
                act.run();
            }
        }));
    }

    private static boolean begins(RestResponse<Object> answer) {
        var range = Objects.requireNonNullElse(answer.getHeaderString("Content-Range"), "");
        return answer.getStatus() == WHOLE || (answer.getStatus() == PART && range.startsWith("bytes 0-"));
    }
}
