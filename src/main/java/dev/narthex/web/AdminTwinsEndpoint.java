package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.ForPeople;
import dev.narthex.ops.AdminCaches;
import dev.narthex.ops.AdminJobs;
import dev.narthex.ops.AdminPeople;
import dev.narthex.ops.AdminStorage;
import dev.narthex.ops.CacheLines;
import dev.narthex.ops.PeopleLines;
import dev.narthex.ops.Queue;
import dev.narthex.ops.Storage;
import dev.narthex.search.Index;
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
@Path(Asked.API + "/admin")
@ForPeople
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class AdminTwinsEndpoint {
    private final Access access;
    private final AdminStorage storage;
    private final AdminJobs jobs;
    private final AdminCaches caches;
    private final AdminPeople people;
    private final AuditViews audit;

    AdminTwinsEndpoint(
            Access access,
            AdminStorage storage,
            AdminJobs jobs,
            AdminCaches caches,
            AdminPeople people,
            AuditViews audit) {
        this.access = access;
        this.storage = storage;
        this.jobs = jobs;
        this.caches = caches;
        this.people = people;
        this.audit = audit;
    }

    /** The content of the first admin page. */
    public record Summary(Storage storage, Queue queue, Index.State index) {}

    /** Background jobs and the state of the search index. */
    public record Jobs(Queue queue, Index.State index) {}

    @GET
    public Summary summary() {
        access.requireShownAdmin();
        return new Summary(storage.report(), jobs.list(0), jobs.indexState());
    }

    @GET
    @Path("storage")
    public Storage storage() {
        access.requireShownAdmin();
        return storage.report();
    }

    @GET
    @Path("jobs")
    @Parameter(name = "after", in = ParameterIn.QUERY, description = "How many came before")
    public Jobs jobs(HttpServerRequest request) {
        access.requireShownAdmin();
        return new Jobs(jobs.list(AdminPages.after(request)), jobs.indexState());
    }

    @GET
    @Path("caches")
    @Parameter(name = "after", in = ParameterIn.QUERY, description = "How many came before")
    public CacheLines caches(HttpServerRequest request) {
        access.requireShownAdmin();
        return caches.list(AdminPages.after(request));
    }

    @GET
    @Path("people")
    @Parameter(name = "q", in = ParameterIn.QUERY, description = "In the name or the e-mail address")
    @Parameter(name = "after", in = ParameterIn.QUERY, description = "How many came before")
    public PeopleLines people(HttpServerRequest request) {
        access.requireShownAdmin();
        return people.list(Asked.twin(request).text("q"), AdminPages.after(request));
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
        access.requireShownAdmin();
        return audit.of(Optional.empty(), AuditAddress.ofAll(Asked.twin(request)));
    }
}
