package dev.narthex.ecosystem.pypi;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Where flit says that a project is, once it has uploaded it: at the root of the host, whatever the address of the index
 * (pypa/flit flit/upload.py, do_upload). That names no cache, so it leads to a search.
 */
@Path("/project/{name}")
class ProjectEndpoint {
    @GET
    public RestResponse<Object> get(@RestPath String name) {
        var words = URLEncoder.encode(ProjectName.normalise(name), StandardCharsets.UTF_8);
        return RestResponse.ResponseBuilder.<Object>create(303)
                .header("Location", "/search?ecosystem=" + PypiEcosystem.ID + "&q=" + words)
                .header("Cache-Control", "no-cache")
                .build();
    }
}
