package dev.narthex.web;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestResponse;

/** RFC 9309. Pages say themselves what is to be indexed; these trees are for programs. */
@Path("/robots.txt")
class RobotsEndpoint {
    @GET
    @RunOnVirtualThread
    public RestResponse<Object> get() {
        var rules = """
                User-agent: *
                Disallow: /api/
                Disallow: /registry/
                Disallow: /_api/
                Disallow: /search
                Disallow: /*/nar/
                """;
        return RestResponse.ResponseBuilder.<Object>ok(rules)
                .header("Content-Type", "text/plain; charset=utf-8")
                .header("Cache-Control", "public, max-age=86400")
                .build();
    }
}
