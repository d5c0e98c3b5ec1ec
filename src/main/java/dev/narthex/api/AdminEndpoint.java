package dev.narthex.api;

import dev.narthex.admin.AdminJobs;
import dev.narthex.admin.AdminPeople;
import dev.narthex.admin.AdminStorage;
import dev.narthex.admin.JobListing;
import dev.narthex.admin.PeopleListing;
import dev.narthex.admin.StorageReport;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** Storage, jobs and people of the whole instance, for programs of its admins. */
@Path("/_api/v1/admin")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class AdminEndpoint {
    private final AdminStorage storage;
    private final AdminJobs jobs;
    private final AdminPeople people;

    AdminEndpoint(AdminStorage storage, AdminJobs jobs, AdminPeople adminPeople) {
        this.storage = storage;
        this.jobs = jobs;
        this.people = adminPeople;
    }

    @GET
    @Path("storage")
    public RestResponse<StorageReport> storage() {
        return noStore(storage.report());
    }

    /** Starts a check of everything stored against its checksums; the findings appear in {@code storage}. */
    @POST
    @Path("scrub")
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(202)
    public void scrub() {
        storage.queueScrub();
    }

    /** Starts a snapshot of the database into the store; once complete, it appears in {@code storage}. */
    @POST
    @Path("snapshot")
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(202)
    public void snapshot() {
        storage.queueSnapshot();
    }

    /** @param after number of jobs to skip, from the previous page */
    @GET
    @Path("jobs")
    public RestResponse<JobListing> jobs(@RestQuery @DefaultValue("0") int after) {
        return noStore(jobs.list(Math.max(0, after)));
    }

    @POST
    @Path("jobs/{kind}/{key}/retry")
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(204)
    public void retry(@RestPath String kind, @RestPath String key) {
        jobs.retry(kind, key);
    }

    @DELETE
    @Path("jobs/{kind}/{key}")
    @ResponseStatus(204)
    public void remove(@RestPath String kind, @RestPath String key) {
        jobs.remove(kind, key);
    }

    /**
     * Lists people.
     *
     * @param q part of the name or email address
     * @param after number of people to skip, from the previous page
     */
    @GET
    @Path("people")
    public RestResponse<PeopleListing> people(
            @RestQuery @DefaultValue("") String q, @RestQuery @DefaultValue("0") int after) {
        return noStore(people.list(q, Math.max(0, after)));
    }

    @DELETE
    @Path("people/{id}/tokens")
    @ResponseStatus(204)
    public void revokeTokens(@RestPath long id) {
        people.revokeTokens(id);
    }

    private static <T> RestResponse<T> noStore(T body) {
        return ResponseBuilder.ok(body).header("Cache-Control", "no-store").build();
    }
}
