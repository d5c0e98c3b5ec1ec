package dev.narthex.ecosystem.pypi;

import dev.narthex.problem.PlainProblem;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemFace;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.regex.Pattern;

/** pip shows a status only; twine and people read the sentence. Basic is the one scheme that pip, poetry and twine know. */
@Singleton
class PypiProblemFace implements ProblemFace {
    private static final Pattern OURS = Pattern.compile("/registry/[^/]+/pypi(?:/.*)?", Pattern.DOTALL);

    @Override
    public boolean speaksFor(String path) {
        return OURS.matcher(path).matches();
    }

    @Override
    public int order() {
        return 21;
    }

    @Override
    public Response render(Problem problem, Request request) {
        var answer = PlainProblem.of(problem);
        if (problem instanceof Problem.NotAcceptable) {
            answer.getHeaders().putSingle("Vary", "Accept");
        }
        return answer;
    }
}
