package dev.narthex.web.admin;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.admin.AdminJobs;
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
 * Lists running, failed and waiting background jobs and the state of the search index. Admins can retry or remove jobs, and
 * rebuild the index.
 */
@Path("/admin/jobs")
@BrowserEndpoint
@RunOnVirtualThread
class AdminJobsEndpoint {
    private static final Set<String> ACTS = Set.of("retry", "remove", "rebuild");

    private final AdminPages pages;
    private final AdminJobs jobs;

    AdminJobsEndpoint(AdminPages pages, AdminJobs jobs) {
        this.pages = pages;
        this.jobs = jobs;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        return pages.show(request, ACTS, content(AdminPages.after(request)));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> post(HttpServerRequest request, MultivaluedMap<String, String> form) {
        var kind = SignedInPages.text(form, "kind");
        var about = SignedInPages.text(form, "about");
        return pages.perform(request, form, ACTS, content(0), act -> {
            switch (act) {
                case "retry" -> jobs.retry(kind, about);
                case "remove" -> jobs.remove(kind, about);
                case String other -> jobs.rebuildIndex();
            }
        });
    }

    private AdminPages.Content content(int after) {
        return (frame, outcome, key) -> Templates.adminJobs(frame, jobs.list(after), jobs.indexState(), outcome, key);
    }
}
