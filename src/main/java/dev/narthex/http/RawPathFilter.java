package dev.narthex.http;

import dev.narthex.problem.Problem;
import io.vertx.core.http.HttpServerRequest;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Rejects request paths that parts of the HTTP stack interpret differently: the router collapses {@code //} and drops {@code ;x},
 * and dot segments may be resolved after a check. Encoded slashes and at signs are allowed, since npm sends them; so are encoded
 * line feeds, since file names may contain any byte but slash and NUL.
 */
class RawPathFilter {
    private static final Pattern TRICK = Pattern.compile(
            "//|;|\\\\|%00|[\\x00-\\x20\\x7f]|%(?![0-9a-f]{2})" + "|(?:/|%2f)(?:\\.|%2e){1,2}(?:/|%2f|$)",
            Pattern.CASE_INSENSITIVE);

    /** Runs before routing. The error is still rendered by the protocol adapter of the path. */
    @ServerRequestFilter(preMatching = true)
    void check(HttpServerRequest request) {
        var uri = request.uri();
        int query = uri.indexOf('?');
        var path = query < 0 ? uri : uri.substring(0, query);
        if (TRICK.matcher(path).find()) {
            throw Problem.malformed(
                    "path",
                    path,
                    "it has empty or dot segments, a semicolon, a backslash, NUL or a lone percent sign. Write it"
                            + " without.");
        }
    }
}
