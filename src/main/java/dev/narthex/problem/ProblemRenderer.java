package dev.narthex.problem;

import jakarta.ws.rs.core.Response;

/**
 * Renders problems in the format of one protocol adapter. The first one by {@link #order()} that handles the request's path is
 * used.
 */
public interface ProblemRenderer {
    /** @param path request path as sent by the client, with percent-encoding and dot segments, starting with a slash */
    boolean speaksFor(String path);

    /** Lower numbers come first. The renderer of the web pages handles all paths and is last. */
    int order();

    /** @param request the failed request, for wording and content negotiation */
    Response render(Problem problem, Request request);

    /**
     * The parts of a request that renderers need.
     *
     * @param accept the Accept header, or empty
     * @param navigate the Sec-Fetch-Mode header, or empty
     */
    record Request(String method, String path, String accept, String navigate) {}
}
