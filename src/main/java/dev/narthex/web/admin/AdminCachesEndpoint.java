package dev.narthex.web.admin;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.admin.AdminCaches;
import dev.narthex.admin.CacheAdministration;
import dev.narthex.web.page.SignedInPages;
import dev.narthex.web.page.Templates;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.Set;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Lists all caches of the instance with their contents, and frees the names of deleted ones. Each cache's settings page changes or
 * restores it.
 */
@Path("/admin/caches")
@BrowserEndpoint
@RunOnVirtualThread
class AdminCachesEndpoint {
    private static final Set<String> ACTS = Set.of("free");

    private final AdminPages pages;
    private final AdminCaches caches;
    private final CacheAdministration cacheAdministration;

    AdminCachesEndpoint(AdminPages pages, AdminCaches caches, CacheAdministration cacheAdministration) {
        this.pages = pages;
        this.caches = caches;
        this.cacheAdministration = cacheAdministration;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        return pages.show(request, ACTS, content(AdminPages.after(request)));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> post(HttpServerRequest request, MultivaluedMap<String, String> form) {
        var name = SignedInPages.text(form, "name");
        return pages.perform(request, form, ACTS, content(0), act -> cacheAdministration.releaseName(name));
    }

    private AdminPages.Content content(int after) {
        return (frame, outcome, key) -> Templates.adminCaches(frame, caches.list(after), outcome, key);
    }
}
