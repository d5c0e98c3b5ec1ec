package dev.narthex.ecosystem.pypi;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Redirects the project URL that flit prints after an upload: at the root of the host, regardless of the index URL (pypa/flit
 * flit/upload.py, do_upload). It does not name a cache, so the target is a search.
 */
@Path("/project/{name}")
class ProjectEndpoint {
    @GET
    public RestResponse<Object> get(@RestPath String name) {
        var words = URLEncoder.encode(ProjectName.normalize(name), StandardCharsets.UTF_8);
        return RestResponse.ResponseBuilder.<Object>create(303)
                .header("Location", "/search?ecosystem=" + PypiEcosystem.ID + "&q=" + words)
                .header("Cache-Control", "no-cache")
                .build();
    }
}
