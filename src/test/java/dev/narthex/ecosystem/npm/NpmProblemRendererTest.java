package dev.narthex.ecosystem.npm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemRenderer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class NpmProblemRendererTest {
    private final NpmProblemRenderer face = new NpmProblemRenderer();

    @Test
    void problemsAreOneJsonMessage() {
        assertError(404, "There is no package “oar” here.", new Problem.NotFound("package", "oar"));
        assertError(401, "This needs a token.", new Problem.Unauthorized("This needs a token."));
        assertError(405, "PUT is not answered.", new Problem.MethodNotAllowed("PUT is not answered."));
        assertError(413, "At most 1 MiB.", new Problem.TooLarge("body", "At most 1 MiB."));
        assertError(
                400, "Malformed search text: “x”: at most 3.", new Problem.Malformed("search text", "x", "at most 3."));
        assertError(500, "The server could not finish this. The cause is logged under f1.", new Problem.Fault("f1"));
    }

    /** npm retries after every 5xx regardless of Retry-After; other clients wait as requested. */
    @Test
    void rateLimitedResponseHasRetryAfter() {
        var answer = face.render(new Problem.Unavailable("Too many at once.", 7), request());
        assertEquals(503, answer.getStatus());
        assertEquals("7", answer.getHeaderString("Retry-After"));
        assertEquals("no-store", answer.getHeaderString("Cache-Control"));
    }

    @Test
    void rendererAppliesToItsRegistryOnly() {
        for (var ours : List.of(
                "/registry/main/npm", "/registry/main/npm/", "/registry/main/npm/@a%2fb", "/registry/a/npm/x\ny")) {
            assertTrue(face.speaksFor(ours), ours);
        }
        for (var others :
                List.of("/main/npm/oar", "/registry/main/npmx", "/registry/main/pypi/npm/", "/registry/npm/")) {
            assertFalse(face.speaksFor(others), others);
        }
    }

    private void assertError(int status, String sentence, Problem problem) {
        var answer = face.render(problem, request());
        assertEquals(status, answer.getStatus());
        assertEquals(
                "{\"error\":\"" + sentence + "\"}", new String((byte[]) answer.getEntity(), StandardCharsets.UTF_8));
        assertEquals(
                "application/json;charset=utf-8",
                answer.getMediaType().toString().replace(" ", ""));
    }

    private static ProblemRenderer.Request request() {
        return new ProblemRenderer.Request("GET", "/registry/main/npm/oar", "*/*", "");
    }
}
