package dev.narthex.problem;

import jakarta.ws.rs.core.Response;

/** Renders a problem as one line of plain text, for clients that print the body of an error response to the user. */
public final class PlainTextProblem {
    private PlainTextProblem() {}

    public static Response of(Problem problem) {
        var answer = Response.status(problem.status())
                .type("text/plain; charset=utf-8")
                .header("X-Content-Type-Options", "nosniff")
                .header("Cache-Control", "no-store")
                .entity(problem.title() + ": " + problem.detail() + "\n");
        if (problem instanceof Problem.Unauthorized) {
            answer.header("WWW-Authenticate", "Basic realm=\"Narthex\"");
        }
        problem.retryAfter().ifPresent(seconds -> answer.header("Retry-After", seconds));
        return answer.build();
    }
}
