package dev.narthex.ecosystem.pypi;

import dev.narthex.problem.PlainTextProblem;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemRenderer;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.regex.Pattern;

/**
 * Renders problems for Python clients: pip shows only the status line, twine also the body. Basic is the only authentication
 * scheme that pip, poetry and twine support.
 */
@Singleton
class PypiProblemRenderer implements ProblemRenderer {
    private static final Pattern OURS = Pattern.compile("/registry/[^/]+/pypi(?:/.*)?", Pattern.DOTALL);

    @Override
    public boolean speaksFor(String path) {
        return OURS.matcher(path).matches();
    }

    /** twine prints the status line and, in verbose mode, the body. With PyPI's wording the detail alone is sufficient. */
    private static String sentence(Problem problem) {
        return problem instanceof Problem.Malformed ? problem.title() + ": " + problem.detail() : problem.detail();
    }

    @Override
    public int order() {
        return 21;
    }

    @Override
    public Response render(Problem problem, Request request) {
        var said = PlainTextProblem.of(problem);
        var answer = Response.fromResponse(said)
                .status(problem.status(), sentence(problem))
                .build();
        if (problem instanceof Problem.NotAcceptable) {
            answer.getHeaders().putSingle("Vary", "Accept");
        }
        return answer;
    }
}
