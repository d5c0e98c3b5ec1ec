package dev.narthex.content;

import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;

/** Detects whether a client downloaded a content completely. */
public final class Taken {
    private static final int WHOLE = 200;
    private static final int PART = 206;

    private Taken() {}

    /**
     * Runs an action when the response has been sent completely and starts with the first byte of the content. It does not run
     * for HEAD, 304, aborted responses, or a range from the middle, which resumes an earlier download. Must be called on the
     * thread of the resource method. The action must not block.
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
