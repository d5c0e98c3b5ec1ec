package dev.narthex.substituter;

import dev.narthex.problem.PlainTextProblem;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemRenderer;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.regex.Pattern;

/** Renders problems as plain text, since nix and the commands in our documentation print the body of an error to the user. */
@Singleton
class NixProblemRenderer implements ProblemRenderer {
    private static final Pattern PATHS = Pattern.compile(
            "/[^/]+/(?:nix-cache-info|[^/]+\\.(?:narinfo|ls)|nar/.*|log/.*|realisations/.*|build-trace-v2/.*)|/_api/v1/[^/]+/(?:derivation-meta|import(?:/.*)?)",
            Pattern.DOTALL);

    @Override
    public boolean speaksFor(String path) {
        return PATHS.matcher(path).matches();
    }

    @Override
    public int order() {
        return 10;
    }

    /**
     * Reports damaged bytes as NotFound, with the reason in the body. Nix retries a 503 several times and then fails; after a 404
     * it tries its other caches (nix src/libstore/filetransfer.cc, http-binary-cache-store.cc).
     */
    @Override
    public Response render(Problem problem, Request request) {
        return PlainTextProblem.of(
                problem instanceof Problem.Damaged damaged
                        ? new Problem.NotFound("NAR", damaged.name(), damaged.detail())
                        : problem);
    }
}
