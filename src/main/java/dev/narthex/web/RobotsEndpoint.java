package dev.narthex.web;

import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;

/** RFC 9309. Pages say themselves what is to be indexed; these trees are for programs. */
@Path("/robots.txt")
class RobotsEndpoint {
    @GET
    @NonBlocking
    @Produces("text/plain; charset=utf-8")
    public String get() {
        return """
                User-agent: *
                Disallow: /api/
                Disallow: /registry/
                Disallow: /_api/
                Disallow: /search
                Disallow: /*/nar/
                """;
    }
}
