package dev.narthex.substituter;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.Realisations;
import dev.narthex.content.Content;
import dev.narthex.content.Sending;
import dev.narthex.nix.DerivationOutput;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.publish.RealisationIntake;
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
    private static final String FRESH = "max-age=60";

    private final Access access;
    private final Realisations realisations;
    private final RealisationIntake intake;

    RealisationEndpoint(Access access, Realisations realisations, RealisationIntake intake) {
        this.access = access;
        this.realisations = realisations;
        this.intake = intake;
    }

    @GET
    @Path(BY_HASH)
    public RestResponse<Object> get(@RestPath String cache, @RestPath String id, @Context HttpHeaders headers) {
        return find(cache, () -> DerivationOutput.parseId(id), headers);
    }

    @GET
    @Path(BY_PATH)
    public RestResponse<Object> get(
            @RestPath String cache, @RestPath String drv, @RestPath String output, @Context HttpHeaders headers) {
        return find(cache, () -> new DerivationOutput(drv, output), headers);
    }

    @PUT
    @Path(BY_HASH)
    @Consumes("*/*")
    public RestResponse<Void> put(
            @RestPath String cache, @RestPath String id, @Context HttpHeaders headers, InputStream body)
            throws IOException {
        return take(cache, () -> DerivationOutput.parseId(id), headers, body);
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
        return take(cache, () -> new DerivationOutput(drv, output), headers, body);
    }

    /** Parses the URL only after checking the rights, so that the error reveals nothing about the cache. */
    private RestResponse<Object> find(String cache, Supplier<DerivationOutput> address, HttpHeaders headers) {
        var found = access.require(Action.PULL, cache);
        var of = address.get();
        var json = realisations
                .find(found.id(), of)
                .orElseThrow(() -> new Problem.NotFound("realisation", of.toString()).asException())
                .getBytes(StandardCharsets.UTF_8);
        var etag = NixHash.sha256(json).nix32();
        return Sending.content(Content.of(json), etag, "application/json", Forms.caching(found, FRESH), headers);
    }

    private RestResponse<Void> take(
            String cache, Supplier<DerivationOutput> address, HttpHeaders headers, InputStream body)
            throws IOException {
        var found = access.require(Action.PUSH, cache);
        var of = address.get();
        try (var json = Bodies.decoded(headers, body, RealisationIntake.LIMIT, "realisation")) {
            boolean fresh = intake.take(found, of, Bodies.read(json, RealisationIntake.LIMIT, "realisation"));
            return RestResponse.status(fresh ? RestResponse.Status.CREATED : RestResponse.Status.OK);
        }
    }
}
