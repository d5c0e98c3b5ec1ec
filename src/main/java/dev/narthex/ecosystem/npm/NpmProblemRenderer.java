package dev.narthex.ecosystem.npm;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemRenderer;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.regex.Pattern;

/** Renders problems for npm, yarn and bun, which print the member "error" of a JSON body and nothing else. */
@Singleton
class NpmProblemRenderer implements ProblemRenderer {
    private static final Pattern OURS = Pattern.compile("/registry/[^/]+/npm(?:/.*)?|/-/npm/.*", Pattern.DOTALL);

    @Override
    public boolean speaksFor(String path) {
        return OURS.matcher(path).matches();
    }

    @Override
    public int order() {
        return 20;
    }

    /** The detail alone is sufficient for most problems; that of malformed input does not name the input. */
    private static String sentence(Problem problem) {
        return problem instanceof Problem.Malformed ? problem.title() + ": " + problem.detail() : problem.detail();
    }

    @Override
    public Response render(Problem problem, Request request) {
        var answer = Response.status(problem.status())
                .type("application/json; charset=utf-8")
                .header("Cache-Control", "no-store")
                .entity(PackageJson.bytes(Map.of("error", sentence(problem))));
        if (problem instanceof Problem.Unauthorized) {
            answer.header("WWW-Authenticate", "Basic realm=\"Narthex\"")
                    .header("WWW-Authenticate", "Bearer realm=\"Narthex\"");
        }
        problem.retryAfter().ifPresent(seconds -> answer.header("Retry-After", seconds));
        return answer.build();
    }
}
