package dev.narthex.web.admin;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.admin.AdminJobs;
import dev.narthex.admin.AdminStorage;
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

/** The overview and storage pages for admins: state of the instance, storage figures, and on-demand checks and snapshots. */
@Path("/admin")
@BrowserEndpoint
@RunOnVirtualThread
class AdminPageEndpoint {
    private static final Set<String> ACTS = Set.of("check", "snapshot");

    private final AdminPages pages;
    private final AdminStorage storage;
    private final AdminJobs jobs;

    AdminPageEndpoint(AdminPages pages, AdminStorage storage, AdminJobs jobs) {
        this.pages = pages;
        this.storage = storage;
        this.jobs = jobs;
    }

    @GET
    public RestResponse<Object> summary(HttpServerRequest request) {
        return pages.show(
                request,
                Set.of(),
                (frame, outcome, key) -> Templates.admin(frame, storage.report(), jobs.list(0), jobs.indexState()));
    }

    @GET
    @Path("storage")
    public RestResponse<Object> storage(HttpServerRequest request) {
        return pages.show(request, ACTS, storageContent());
    }

    @POST
    @Path("storage")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> storage(HttpServerRequest request, MultivaluedMap<String, String> form) {
        return pages.perform(request, form, ACTS, storageContent(), act -> {
            switch (act) {
                case "check" -> storage.queueScrub();
                case String other -> storage.queueSnapshot();
            }
        });
    }

    private AdminPages.Content storageContent() {
        return (frame, outcome, key) -> Templates.adminStorage(frame, storage.report(), outcome, key);
    }
}
