package dev.narthex.substituter;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.Paths;
import dev.narthex.problem.Problem;
import dev.narthex.publish.NarIntake;
import dev.narthex.publish.Publisher;
import dev.narthex.publish.Publisher.References;
import dev.narthex.publish.UploadLimits;
import dev.narthex.spi.UntrustedJson;
import dev.narthex.store.StoreConfig;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * The part of attic's API for using a cache and pushing to it (zhaofengli/attic, attic/src/api/v1). The client requests the list of
 * missing paths of a closure once, and uploads them in any order, except those that an upstream cache has. So the references of an
 * uploaded path need not be in this cache.
 */
@Path("/_api/v1")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class AtticEndpoint {
    private static final int MOST_HASHES = 100_000;
    /** A hash takes 35 bytes in a JSON array. */
    private static final int MISSING_LIMIT = 8 << 20;

    private final Access access;
    private final Paths paths;
    private final NarIntake intake;
    private final Publisher publisher;
    private final UploadLimits uploading;
    private final StoreConfig limits;
    private final ObjectMapper json;

    AtticEndpoint(
            Access access,
            Paths paths,
            NarIntake intake,
            Publisher publisher,
            UploadLimits uploading,
            StoreConfig limits,
            ObjectMapper json) {
        this.access = access;
        this.paths = paths;
        this.intake = intake;
        this.publisher = publisher;
        this.uploading = uploading;
        this.limits = limits;
        this.json = json.copyWith(UntrustedJson.factory());
    }

    record Missing(@JsonProperty("missing_paths") List<String> paths) {}

    record Wanted(
            @JsonProperty("cache") Optional<String> cache,
            @JsonProperty("store_path_hashes") Optional<List<String>> hashes) {}

    @POST
    @Path("get-missing-paths")
    @Consumes(MediaType.WILDCARD)
    public Missing missing(@Context HttpHeaders headers, InputStream body) throws IOException {
        Bodies.check(headers, MISSING_LIMIT, "list of hashes");
        var wanted = AtticUpload.read(json, Bodies.read(body, MISSING_LIMIT, "list of hashes"), Wanted.class);
        var found = access.require(Action.PUSH, AtticUpload.required("cache", wanted.cache()));
        var hashes = AtticUpload.required("store_path_hashes", wanted.hashes());
        if (hashes.size() > MOST_HASHES) {
            throw new Problem.TooLarge("store_path_hashes", "Ask for at most " + MOST_HASHES + " paths at once.")
                    .asException();
        }
        hashes.forEach(AtticUpload::checkHash);
        return new Missing(paths.promise(found.id(), hashes));
    }

    /** Does not report what was deduplicated, because that would reveal what other caches hold. */
    record Taken(@JsonProperty("kind") String kind) {}

    @PUT
    @Path("upload-path")
    @Consumes(MediaType.WILDCARD)
    public Taken upload(@Context HttpHeaders headers, InputStream body) throws IOException {
        var upload = AtticUpload.of(json, headers, body);
        var cache = access.require(Action.PUSH, upload.cacheName());
        var info = upload.info();
        if (info.narSize() > limits.maxSize().asLongValue()) {
            throw new Problem.TooLarge(
                            "NAR",
                            "A NAR may have " + limits.maxSize().asLongValue() + " bytes here. Nothing was stored.")
                    .asException();
        }
        var counted = uploading.admit(cache, info.narSize(), body);
        intake.take(cache, info.url().substring("nar/".length()), counted);
        boolean fresh = publisher.publish(cache, info, access.principal(), References.MAY_BE_ABSENT);
        return new Taken(fresh ? "Uploaded" : "Deduplicated");
    }
}
