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
    private final CacheGc gc;
    private final GcRuns runs;
    private final GcRequests gcRequests;

    GcEndpoint(Access access, CacheSettingsStore settings, CacheGc gc, GcRuns runs, GcRequests gcRequests) {
        this.access = access;
        this.settings = settings;
        this.gc = gc;
        this.runs = runs;
        this.gcRequests = gcRequests;
    }

    /**
     * A collection, running or ended.
     *
     * @param ended absent while it runs
     * @param bytes sum of the NAR sizes of the deleted paths
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record GcRunResponse(
            Instant started, Optional<Instant> ended, long paths, long bytes, long releases, Optional<String> by) {
        static GcRunResponse of(Run run) {
            return new GcRunResponse(run.started(), run.ended(), run.paths(), run.bytes(), run.releases(), run.by());
        }
    }

    /** @param retention absent if the cache keeps everything */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record GcResponse(
            String cache, Optional<CacheResponse.RetentionResponse> retention, List<GcRunResponse> collections) {}

    /** Returns the retention policy and the latest {@value #RUNS} collections, newest first. */
    @GET
    public RestResponse<GcResponse> get(@RestPath String cache) {
        var foundCache = access.require(Action.CONFIGURE, cache);
        return respond(Status.OK, toResponse(foundCache.id(), cache));
    }

    private GcResponse toResponse(long id, String cache) {
        var rules = settings.of(id).retention();
        return new GcResponse(
                cache,
                CacheResponse.RetentionResponse.of(rules),
                runs.latest(id, RUNS).stream().map(GcRunResponse::of).toList());
    }

    /** @param path full store path */
    record ExpiringPath(String path, long narSize, Instant pushedAt) {}

    /**
     * Response body of a dry run.
     *
     * @param narBytes sum of the NAR sizes of all {@code paths}
     * @param releases number of releases beyond the versions to keep
     * @param list at most {@value #LISTED} paths, newest first
     * @param releaseList at most {@value #LISTED} releases
     */
    record GcPreviewResponse(
            String cache, long paths, long narBytes, long releases, List<ExpiringPath> list, List<String> releaseList) {
        static GcPreviewResponse of(String cache, CacheGc.GcPreview preview) {
            return new GcPreviewResponse(
                    cache,
                    preview.paths(),
                    preview.narBytes(),
                    preview.releaseCount(),
                    preview.list().stream()
                            .map(path -> new ExpiringPath(path.path().toString(), path.narSize(), path.pushedAt()))
                            .toList(),
                    preview.releases().stream()
                            .map(release -> release.ecosystem() + "/" + release.normalized() + "@" + release.version())
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
        var foundCache = access.require(Action.CONFIGURE, cache);
        if (dryRun) {
            return respond(
                    Status.OK,
                    GcPreviewResponse.of(cache, gc.preview(foundCache.id(), cache, access.principal(), LISTED)));
        }
        gcRequests.order(cache);
        return respond(Status.ACCEPTED, toResponse(foundCache.id(), cache));
    }

    /** Returns the same as plain text, for {@code deploy/run gc}: the retention policy, then one line per collection. */
    @GET
    @Produces(MediaType.TEXT_PLAIN)
    public RestResponse<String> text(@RestPath String cache) {
        return respond(
                Status.OK,
                GcText.of(toResponse(access.require(Action.CONFIGURE, cache).id(), cache)));
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
        var foundCache = access.require(Action.CONFIGURE, cache);
        if (dryRun) {
            var preview = gc.preview(foundCache.id(), cache, access.principal(), LISTED);
            return respond(
                    Status.OK,
                    GcText.of(
                            GcPreviewResponse.of(cache, preview),
                            settings.of(foundCache.id()).retention()));
        }
        gcRequests.order(cache);
        return respond(Status.ACCEPTED, GcText.of(toResponse(foundCache.id(), cache)));
    }

    private static <T> RestResponse<T> respond(Status status, T body) {
        return ResponseBuilder.create(status, body)
                .header("Cache-Control", "no-store")
                .build();
    }
}
