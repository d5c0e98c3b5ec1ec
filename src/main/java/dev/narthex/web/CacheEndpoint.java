package dev.narthex.web;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.web.page.PageAddress;
import dev.narthex.web.page.PageRequest;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.IOException;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Serves all pages below a cache. The JAX-RS path only selects this class; {@link PageAddress} parses the rest from the raw path.
 */
@Path("/{cache}")
@BrowserEndpoint
@RunOnVirtualThread
class CacheEndpoint {
    private final PageService pages;
    private final ReleaseForms forms;
    private final PinForms pins;

    CacheEndpoint(PageService pages, ReleaseForms forms, PinForms pins) {
        this.pages = pages;
        this.forms = forms;
        this.pins = pins;
    }

    @GET
    public RestResponse<Object> cache(HttpServerRequest request, @Context HttpHeaders headers) throws IOException {
        return pages.page(PageRequest.page(request), headers);
    }

    @GET
    @Path("{below:.+}")
    public RestResponse<Object> page(HttpServerRequest request, @Context HttpHeaders headers) throws IOException {
        return pages.page(PageRequest.page(request), headers);
    }

    /** Handles the pin forms, which are on the page that explains why a path is kept. */
    @POST
    @Path("path/{hash:[0-9a-df-np-sv-z]{32}}/kept")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> pin(
            @RestPath String cache,
            @RestPath String hash,
            HttpServerRequest request,
            MultivaluedMap<String, String> form) {
        return pins.post(PageRequest.page(request), cache, hash, form);
    }

    /** Handles the forms of releases. Only pages of one version have forms; the last segment of their URLs contains an at sign. */
    @POST
    @Path("{release:[^/]+/.+(?:@|%40)[^/]+}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> decide(HttpServerRequest request, MultivaluedMap<String, String> form) {
        return forms.post(PageRequest.page(request), form);
    }
}
