package dev.narthex.web.search;

import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.Templates;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestResponse;

/** Serves the OpenSearch 1.1 description, which lets browsers search this server from the address bar. */
@Path("/opensearch.xml")
@RunOnVirtualThread
class OpenSearchEndpoint {
    private final String baseUrl;

    OpenSearchEndpoint(@ConfigProperty(name = "narthex.url") String baseUrl) {
        this.baseUrl = baseUrl;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        var body = Templates.opensearch(baseUrl).render();
        return PageResponses.body(PageRequest.page(request), body, "application/opensearchdescription+xml", 200)
                .header("Cache-Control", "public, max-age=86400")
                .build();
    }
}
