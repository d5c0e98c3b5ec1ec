package dev.narthex.web.feed;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Serves robots.txt (RFC 9309). Pages control by themselves whether they are indexed; the excluded paths are for programs, or are
 * an unbounded number of comparisons.
 */
@Path("/robots.txt")
class RobotsEndpoint {
    private final String baseUrl;

    RobotsEndpoint(@ConfigProperty(name = "narthex.url") String baseUrl) {
        this.baseUrl = baseUrl;
    }

    @GET
    @RunOnVirtualThread
    public RestResponse<Object> get() {
        var rules = """
                User-agent: *
                Disallow: /api/
                Disallow: /registry/
                Disallow: /_api/
                Disallow: /search
                Disallow: /feed/search
                Disallow: /diff
                Disallow: /*/diff/
                Disallow: /*/nar/

                Sitemap: %s/sitemap.xml
                """.formatted(baseUrl);
        return RestResponse.ResponseBuilder.<Object>ok(rules)
                .header("Content-Type", "text/plain; charset=utf-8")
                .header("Cache-Control", "public, max-age=86400")
                .build();
    }
}
