package dev.narthex.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.cache.CacheSettingsStore;
import dev.narthex.retention.CacheGc;
import dev.narthex.retention.GcRequests;
import dev.narthex.retention.GcRuns;
import dev.narthex.retention.GcRuns.Run;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jboss.resteasy.reactive.RestResponse.Status;

/** REST API for garbage collection, for the owners of a cache: dry run, past runs, and a run on request. */
@Path("/_api/v1/{cache}/gc")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class GcEndpoint {
    private static final int LISTED = 1000;
    private static final int RUNS = 20;

    private final Access access;
    private final CacheSettingsStore settings;
    private final CacheGc collecting;
    private final GcRuns runs;
    private final GcRequests orders;

    GcEndpoint(Access access, CacheSettingsStore settings, CacheGc collecting, GcRuns runs, GcRequests orders) {
        this.access = access;
        this.settings = settings;
        this.collecting = collecting;
        this.runs = runs;
        this.orders = orders;
    }

    /**
     * A collection, running or ended.
     *
     * @param ended absent while it runs
     * @param bytes sum of the NAR sizes of the deleted paths
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Ran(Instant started, Optional<Instant> ended, long paths, long bytes, long releases, Optional<String> by) {
        static Ran of(Run run) {
            return new Ran(run.started(), run.ended(), run.paths(), run.bytes(), run.releases(), run.by());
        }
    }

    /** @param retention absent if the cache keeps everything */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Shown(String cache, Optional<CacheResponse.Kept> retention, List<Ran> collections) {}

    /** Returns the retention policy and the latest {@value #RUNS} collections, newest first. */
    @GET
    public RestResponse<Shown> get(@RestPath String cache) {
        var found = access.require(Action.CONFIGURE, cache);
        return answer(Status.OK, shown(found.id(), cache));
    }

    private Shown shown(long id, String cache) {
        var rules = settings.of(id).retention();
        return new Shown(
                cache,
                CacheResponse.Kept.of(rules),
                runs.latest(id, RUNS).stream().map(Ran::of).toList());
    }

    /** @param path full store path */
    record Going(String path, long narSize, Instant pushedAt) {}

    /**
     * Response body of a dry run.
     *
     * @param narBytes sum of the NAR sizes of all {@code paths}
     * @param releases number of releases beyond the versions to keep
     * @param list at most {@value #LISTED} paths, newest first
     * @param releaseList at most {@value #LISTED} releases
     */
    record Preview(String cache, long paths, long narBytes, long releases, List<Going> list, List<String> releaseList) {
        static Preview of(String cache, CacheGc.Preview preview) {
            return new Preview(
                    cache,
                    preview.paths(),
                    preview.narBytes(),
                    preview.releaseCount(),
                    preview.list().stream()
                            .map(one -> new Going(one.path().toString(), one.narSize(), one.pushedAt()))
                            .toList(),
                    preview.releases().stream()
                            .map(one -> one.ecosystem() + "/" + one.normalized() + "@" + one.version())
                            .toList());
        }
    }

    /**
     * Queues a collection and returns 202, or does a dry run.
     *
     * @param dryRun only reports what would be deleted
     */
    @POST
    @Consumes(MediaType.WILDCARD)
    public RestResponse<Object> collect(
            @RestPath String cache, @RestQuery("dry-run") @DefaultValue("false") boolean dryRun) {
        var found = access.require(Action.CONFIGURE, cache);
        if (dryRun) {
            return answer(
                    Status.OK, Preview.of(cache, collecting.preview(found.id(), cache, access.principal(), LISTED)));
        }
        orders.order(cache);
        return answer(Status.ACCEPTED, shown(found.id(), cache));
    }

    /** Returns the same as plain text, for {@code deploy/run gc}: the retention policy, then one line per collection. */
    @GET
    @Produces(MediaType.TEXT_PLAIN)
    public RestResponse<String> text(@RestPath String cache) {
        return answer(
                Status.OK,
                GcText.of(shown(access.require(Action.CONFIGURE, cache).id(), cache)));
    }

    /**
     * Does the same as {@link #collect} and answers in plain text; a dry run prints the totals, then one line per release and
     * path.
     */
    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.TEXT_PLAIN)
    public RestResponse<String> collectAsText(
            @RestPath String cache, @RestQuery("dry-run") @DefaultValue("false") boolean dryRun) {
        var found = access.require(Action.CONFIGURE, cache);
        if (dryRun) {
            var preview = collecting.preview(found.id(), cache, access.principal(), LISTED);
            return answer(
                    Status.OK,
                    GcText.of(
                            Preview.of(cache, preview), settings.of(found.id()).retention()));
        }
        orders.order(cache);
        return answer(Status.ACCEPTED, GcText.of(shown(found.id(), cache)));
    }

    private static <T> RestResponse<T> answer(Status status, T body) {
        return ResponseBuilder.create(status, body)
                .header("Cache-Control", "no-store")
                .build();
    }
}
