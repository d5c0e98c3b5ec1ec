package dev.narthex.plugin.cargo;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemRenderer;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Renders problems for cargo, which prints "detail" of each error, and sends its token after a "Cargo" challenge. */
@Singleton
class CargoProblemRenderer implements ProblemRenderer {
    private static final Pattern OURS = Pattern.compile("/registry/[^/]+/cargo(?:/.*)?", Pattern.DOTALL);

    @Override
    public boolean speaksFor(String path) {
        return OURS.matcher(path).matches();
    }

    @Override
    public int order() {
        return 50;
    }

    @Override
    public Response render(Problem problem, Request request) {
        var error = Map.of("detail", problem.title() + ": " + problem.detail());
        var answer = Response.status(problem.status())
                .type("application/json; charset=utf-8")
                .header("Cache-Control", "no-store")
                .entity(Map.of("errors", List.of(error)));
        if (problem instanceof Problem.Unauthorized) {
            answer.header("WWW-Authenticate", "Cargo").header("WWW-Authenticate", "Bearer realm=\"Narthex\"");
        }
        problem.retryAfter().ifPresent(seconds -> answer.header("Retry-After", seconds));
        return answer.build();
    }
}
