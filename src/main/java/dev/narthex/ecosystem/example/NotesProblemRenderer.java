package dev.narthex.ecosystem.example;

import dev.narthex.problem.PlainTextProblem;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemRenderer;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.regex.Pattern;

/** Renders problems as one line of text, for users of curl. */
@Singleton
class NotesProblemRenderer implements ProblemRenderer {
    private static final Pattern OURS = Pattern.compile("/registry/[^/]+/example(?:/.*)?", Pattern.DOTALL);

    @Override
    public boolean speaksFor(String path) {
        return OURS.matcher(path).matches();
    }

    @Override
    public int order() {
        return 30;
    }

    @Override
    public Response render(Problem problem, Request request) {
        return PlainTextProblem.of(problem);
    }
}
