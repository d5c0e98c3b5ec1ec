package dev.narthex.substituter;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.path.Realisations;
import dev.narthex.http.Content;
import dev.narthex.http.ContentResponse;
import dev.narthex.http.RequestBodies;
import dev.narthex.nix.DerivationOutput;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.publish.RealisationUpload;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/** Serves and receives realisations, the output paths of content-addressed derivations, at the URLs of both generations of nix. */
@Path("/{cache}")
@RunOnVirtualThread
class RealisationEndpoint {
    private static final String BY_HASH = "realisations/{id}.doi";
    private static final String BY_PATH = "build-trace-v2/{drv}/{output}.doi";
    private static final String CACHE_CONTROL = "max-age=60";

    private final Access access;
    private final Realisations realisations;
    private final RealisationUpload realisationUpload;

    RealisationEndpoint(Access access, Realisations realisations, RealisationUpload realisationUpload) {
        this.access = access;
        this.realisations = realisations;
        this.realisationUpload = realisationUpload;
    }

    @GET
    @Path(BY_HASH)
    public RestResponse<Object> get(@RestPath String cache, @RestPath String id, @Context HttpHeaders headers) {
        return serve(cache, () -> DerivationOutput.parseId(id), headers);
    }

    @GET
    @Path(BY_PATH)
    public RestResponse<Object> get(
            @RestPath String cache, @RestPath String drv, @RestPath String output, @Context HttpHeaders headers) {
        return serve(cache, () -> new DerivationOutput(drv, output), headers);
    }

    @PUT
    @Path(BY_HASH)
    @Consumes("*/*")
    public RestResponse<Void> put(
            @RestPath String cache, @RestPath String id, @Context HttpHeaders headers, InputStream body)
            throws IOException {
        return receive(cache, () -> DerivationOutput.parseId(id), headers, body);
    }

    @PUT
    @Path(BY_PATH)
    @Consumes("*/*")
    public RestResponse<Void> put(
            @RestPath String cache,
            @RestPath String drv,
            @RestPath String output,
            @Context HttpHeaders headers,
            InputStream body)
            throws IOException {
        return receive(cache, () -> new DerivationOutput(drv, output), headers, body);
    }

    /** Parses the URL only after checking the rights, so that the error reveals nothing about the cache. */
    private RestResponse<Object> serve(String cache, Supplier<DerivationOutput> outputParser, HttpHeaders headers) {
        var authorizedCache = access.require(Action.PULL, cache);
        var derivationOutput = outputParser.get();
        var json = realisations
                .find(authorizedCache.id(), derivationOutput)
                .orElseThrow(() -> Problem.notFound("realisation", derivationOutput.toString()))
                .getBytes(StandardCharsets.UTF_8);
        var etag = NixHash.sha256(json).nix32();
        return ContentResponse.of(
                Content.of(json),
                etag,
                "application/json",
                ProtocolPatterns.cacheControl(authorizedCache, CACHE_CONTROL),
                headers);
    }

    private RestResponse<Void> receive(
            String cache, Supplier<DerivationOutput> outputParser, HttpHeaders headers, InputStream body)
            throws IOException {
        var authorizedCache = access.require(Action.PUSH, cache);
        var derivationOutput = outputParser.get();
        try (var json = RequestBodies.decode(headers, body, RealisationUpload.MAX_BYTES, "realisation")) {
            boolean isNew = realisationUpload.receive(
                    authorizedCache,
                    derivationOutput,
                    RequestBodies.read(json, RealisationUpload.MAX_BYTES, "realisation"));
            return RestResponse.status(isNew ? RestResponse.Status.CREATED : RestResponse.Status.OK);
        }
    }
}
