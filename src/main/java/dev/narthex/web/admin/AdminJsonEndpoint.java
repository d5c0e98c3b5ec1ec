package dev.narthex.web.admin;

import dev.narthex.access.Access;
import dev.narthex.access.BrowserEndpoint;
import dev.narthex.admin.AdminCaches;
import dev.narthex.admin.AdminJobs;
import dev.narthex.admin.AdminPeople;
import dev.narthex.admin.AdminStorage;
import dev.narthex.admin.CacheListing;
import dev.narthex.admin.JobListing;
import dev.narthex.admin.PeopleListing;
import dev.narthex.admin.StorageReport;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.view.AuditView;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;

/** The JSON twins of the admin pages. To non-admins, they do not exist. */
@Path(PageRequest.API + "/admin")
@BrowserEndpoint
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class AdminJsonEndpoint {
    private final Access access;
    private final AdminStorage storage;
    private final AdminJobs jobs;
    private final AdminCaches caches;
    private final AdminPeople people;
    private final AuditPageBuilder audit;

    AdminJsonEndpoint(
            Access access,
            AdminStorage storage,
            AdminJobs jobs,
            AdminCaches caches,
            AdminPeople adminPeople,
            AuditPageBuilder audit) {
        this.access = access;
        this.storage = storage;
        this.jobs = jobs;
        this.caches = caches;
        this.people = adminPeople;
        this.audit = audit;
    }

    /** The content of the first admin page. */
    public record Summary(StorageReport storage, JobListing queue, PackageSearchIndex.State index) {}

    /** Background jobs and the state of the search index. */
    public record Jobs(JobListing queue, PackageSearchIndex.State index) {}

    @GET
    public Summary summary() {
        access.requireVisibleAdmin();
        return new Summary(storage.report(), jobs.list(0), jobs.indexState());
    }

    @GET
    @Path("storage")
    public StorageReport storage() {
        access.requireVisibleAdmin();
        return storage.report();
    }

    @GET
    @Path("jobs")
    @Parameter(name = "after", in = ParameterIn.QUERY, description = "How many came before")
    public Jobs jobs(HttpServerRequest request) {
        access.requireVisibleAdmin();
        return new Jobs(jobs.list(AdminPages.after(request)), jobs.indexState());
    }

    @GET
    @Path("caches")
    @Parameter(name = "after", in = ParameterIn.QUERY, description = "How many came before")
    public CacheListing caches(HttpServerRequest request) {
        access.requireVisibleAdmin();
        return caches.list(AdminPages.after(request));
    }

    @GET
    @Path("people")
    @Parameter(name = "q", in = ParameterIn.QUERY, description = "In the name or the e-mail address")
    @Parameter(name = "after", in = ParameterIn.QUERY, description = "How many came before")
    public PeopleListing people(HttpServerRequest request) {
        access.requireVisibleAdmin();
        return people.list(PageRequest.twin(request).text("q"), AdminPages.after(request));
    }

    @GET
    @Path("audit")
    @Parameter(name = "days", in = ParameterIn.QUERY, description = "Of the last days")
    @Parameter(name = "result", in = ParameterIn.QUERY, description = "done or refused")
    @Parameter(name = "act", in = ParameterIn.QUERY, description = "What was done")
    @Parameter(name = "who", in = ParameterIn.QUERY, description = "By whom")
    @Parameter(name = "cache", in = ParameterIn.QUERY, description = "About which cache")
    @Parameter(name = "before", in = ParameterIn.QUERY, description = "Older than the entry of this number")
    @Parameter(name = "after", in = ParameterIn.QUERY, description = "Newer than the entry of this number")
    public AuditView audit(HttpServerRequest request) {
        access.requireVisibleAdmin();
        return audit.of(Optional.empty(), AuditAddress.ofAll(PageRequest.twin(request)));
    }
}
