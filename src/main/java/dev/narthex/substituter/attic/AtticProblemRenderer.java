package dev.narthex.substituter.attic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemRenderer;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.regex.Pattern;

/** Renders problems like attic's server (zhaofengli/attic, server/src/error.rs), whose client prints error and message. */
@Singleton
class AtticProblemRenderer implements ProblemRenderer {
    private static final Pattern PATHS = Pattern.compile(
            "/_api/v1/(?:cache-config/.*|get-missing-paths|upload-path)|/[^/]+/attic-cache-info", Pattern.DOTALL);

    @Override
    public boolean speaksFor(String path) {
        return PATHS.matcher(path).matches();
    }

    @Override
    public int order() {
        return 5;
    }

    @Override
    public Response render(Problem problem, Request request) {
        var body = JsonNodeFactory.instance
                .objectNode()
                .put("code", status(problem))
                .put("error", errorName(problem))
                .put("message", problem.title() + ": " + problem.detail());
        var response = Response.status(status(problem))
                .type("application/json")
                .header("X-Content-Type-Options", "nosniff")
                .header("Cache-Control", "no-store")
                .entity(body.toString());
        problem.retryAfter().ifPresent(seconds -> response.header("Retry-After", seconds));
        return response.build();
    }

    private static int status(Problem problem) {
        return problem instanceof Problem.Conflict ? 400 : problem.status();
    }

    private static String errorName(Problem problem) {
        return switch (problem) {
            case Problem.Unauthorized unauthorized -> "Unauthorized";
            case Problem.Forbidden forbidden -> "AccessError";
            case Problem.NotFound(var what, var name, var more) when what.equals("cache") -> "NoSuchCache";
            case Problem.Gone gone -> "NoSuchCache";
            case Problem.Conflict(var title, var detail) when title.equals("Name in use") -> "CacheAlreadyExists";
            case Problem.NotFound absent -> "NotFound";
            case Problem.Fault fault -> "InternalServerError";
            case Problem other -> "RequestError";
        };
    }
}
