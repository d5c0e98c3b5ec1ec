package dev.narthex.problem;

import jakarta.ws.rs.core.Response;

/** How one face words a problem. The first face, by {@link #order()}, that speaks for the request's path answers. */
public interface ProblemFace {
    /** @param path the request path as it was sent, with its percent signs and dot segments, beginning with a slash */
    boolean speaksFor(String path);

    /** Low numbers are asked first; the pages' face speaks for everything and comes last. */
    int order();

    /** @param request what was asked, for wording and content negotiation */
    Response render(Problem problem, Request request);

    /** The little that a face needs to know of the request. */
    record Request(String method, String path, String accept, String navigate) {}
}
