package dev.narthex.substituter.attic;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.path.Paths;
import dev.narthex.http.RequestBodies;
import dev.narthex.problem.Problem;
import dev.narthex.publish.NarUpload;
import dev.narthex.publish.PathPublisher;
import dev.narthex.publish.PathPublisher.ReferencePolicy;
import dev.narthex.publish.registry.UploadLimits;
import dev.narthex.spi.UntrustedJson;
import dev.narthex.store.pack.StoreConfig;
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
    private static final int MAX_HASHES = 100_000;
    /** A hash takes 35 bytes in a JSON array. */
    private static final int MAX_MISSING_BODY_BYTES = 8 << 20;

    private final Access access;
    private final Paths paths;
    private final NarUpload narUpload;
    private final PathPublisher publisher;
    private final UploadLimits uploadLimits;
    private final StoreConfig storeConfig;
    private final ObjectMapper json;

    AtticEndpoint(
            Access access,
            Paths paths,
            NarUpload narUpload,
            PathPublisher publisher,
            UploadLimits uploadLimits,
            StoreConfig storeConfig,
            ObjectMapper json) {
        this.access = access;
        this.paths = paths;
        this.narUpload = narUpload;
        this.publisher = publisher;
        this.uploadLimits = uploadLimits;
        this.storeConfig = storeConfig;
        this.json = json.copyWith(UntrustedJson.factory());
    }

    record MissingPathsResponse(
            @JsonProperty("missing_paths") List<String> paths) {}

    record MissingPathsRequest(
            @JsonProperty("cache") Optional<String> cache,
            @JsonProperty("store_path_hashes") Optional<List<String>> hashes) {}

    @POST
    @Path("get-missing-paths")
    @Consumes(MediaType.WILDCARD)
    public MissingPathsResponse missing(@Context HttpHeaders headers, InputStream body) throws IOException {
        RequestBodies.requireUnencoded(headers, MAX_MISSING_BODY_BYTES, "list of hashes");
        var request = AtticUpload.parse(
                json, RequestBodies.read(body, MAX_MISSING_BODY_BYTES, "list of hashes"), MissingPathsRequest.class);
        var authorizedCache = access.require(Action.PUSH, AtticUpload.require("cache", request.cache()));
        var hashes = AtticUpload.require("store_path_hashes", request.hashes());
        if (hashes.size() > MAX_HASHES) {
            throw Problem.tooLarge("store_path_hashes", "Ask for at most " + MAX_HASHES + " paths at once.");
        }
        hashes.forEach(AtticUpload::requireHash);
        return new MissingPathsResponse(paths.missingAndReserve(authorizedCache.id(), hashes));
    }

    /** Does not report what was deduplicated, because that would reveal what other caches hold. */
    record UploadPathResponse(@JsonProperty("kind") String kind) {}

    @PUT
    @Path("upload-path")
    @Consumes(MediaType.WILDCARD)
    public UploadPathResponse upload(@Context HttpHeaders headers, InputStream body) throws IOException {
        var upload = AtticUpload.readMetadata(json, headers, body);
        var cache = access.require(Action.PUSH, upload.cacheName());
        var info = upload.toNarInfo();
        if (info.narSize() > storeConfig.maxSize().asLongValue()) {
            throw Problem.tooLarge(
                    "NAR",
                    "A NAR may have " + storeConfig.maxSize().asLongValue() + " bytes here. Nothing was stored.");
        }
        var countedBody = uploadLimits.admit(cache, info.narSize(), body);
        narUpload.receive(cache, info.url().substring("nar/".length()), countedBody);
        boolean isNew = publisher.publish(cache, info, access.principal(), ReferencePolicy.ALLOW_ABSENT);
        return new UploadPathResponse(isNew ? "Uploaded" : "Deduplicated");
    }
}
