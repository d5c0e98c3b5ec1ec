package dev.narthex.access;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.regex.Pattern;

/**
 * Refuses request paths that parts of the stack read differently: the router collapses {@code //} and drops {@code ;x}, and
 * dot segments may be folded after a check. Encoded slashes and at-signs are legal; npm sends them.
 */
@ApplicationScoped
class RawPathFilter {
    private static final int FIRST = 1000;
    private static final int LIMIT = 8192;
    private static final Pattern TRICK = Pattern.compile(
            "//|;|\\\\|%00|%0[ad]|[\\x00-\\x20\\x7f]|%(?![0-9a-f]{2})" + "|(?:/|%2f)(?:\\.|%2e){1,2}(?:/|%2f|$)",
            Pattern.CASE_INSENSITIVE);

    void register(@Observes Filters filters) {
        filters.register(RawPathFilter::check, FIRST);
    }

    private static void check(RoutingContext context) {
        var uri = context.request().uri();
        int query = uri.indexOf('?');
        var path = query < 0 ? uri : uri.substring(0, query);
        if (path.length() <= LIMIT && !TRICK.matcher(path).find()) {
            context.next();
            return;
        }
        context.response()
                .setStatusCode(400)
                .putHeader("Content-Type", "application/problem+json")
                .putHeader("Connection", "close")
                .end(
                        "{\"status\":400,\"title\":\"Malformed path\",\"detail\":\"The path of this request has empty or dot"
                                + " segments, a semicolon, a backslash or control characters. Write it without.\"}");
    }
}
