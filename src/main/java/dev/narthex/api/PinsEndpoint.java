package dev.narthex.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.problem.Problem;
import dev.narthex.retention.PinService;
import dev.narthex.retention.Pins.Pin;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jboss.resteasy.reactive.RestResponse.Status;

/** REST API for the pins of a cache: readers see them, maintainers set them. */
@Path("/_api/v1/{cache}/pins")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class PinsEndpoint {
    private static final String NAME = "{name:[^/]+}";
    private static final int PAGE = 100;

    private final PinService pinning;

    PinsEndpoint(PinService pinning) {
        this.pinning = pinning;
    }

    /**
     * A pin as JSON.
     *
     * @param until when it expires; absent for never
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record PinResponse(String name, String path, String reason, Optional<Instant> until, Instant since) {
        static PinResponse of(Pin pin) {
            return new PinResponse(pin.name(), pin.path().toString(), pin.reason(), pin.until(), pin.since());
        }
    }

    /** @param after value of {@code after} for the next page; absent on the last one */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record PinsResponse(List<PinResponse> pins, Optional<String> after) {}

    /** Returns a page of at most {@value #PAGE} pins, ordered by name. */
    @GET
    public RestResponse<PinsResponse> list(@RestPath String cache, @RestQuery @DefaultValue("") String after) {
        var pins = pinning.list(cache, after, PAGE + 1);
        var next = pins.size() > PAGE ? Optional.of(pins.get(PAGE - 1).name()) : Optional.<String>empty();
        return noStore(
                Status.OK,
                new PinsResponse(pins.stream().limit(PAGE).map(PinResponse::of).toList(), next));
    }

    @GET
    @Path(NAME)
    public RestResponse<PinResponse> get(@RestPath String cache, @RestPath String name) {
        return noStore(Status.OK, PinResponse.of(pinning.get(cache, name)));
    }

    /** @param until when the pin expires, for example {@code 2027-01-31T00:00:00Z} */
    record PinRequest(Optional<String> path, Optional<String> reason, Optional<Instant> until) {}

    /** Pins a store path, or moves the pin of this name. The whole closure of the path must be in the cache. */
    @PUT
    @Path(NAME)
    @Consumes(MediaType.WILDCARD)
    public RestResponse<PinResponse> put(@RestPath String cache, @RestPath String name, InputStream body)
            throws IOException {
        pinning.requireMaintainer(cache);
        var request = JsonRequestBody.read(body, PinRequest.class);
        var path = request.path().orElseThrow(() -> Problem.malformed("path", "", "enter a store path."));
        var result = pinning.put(
                cache, name, new PinService.PinParams(path, request.reason().orElse(""), request.until()));
        return noStore(result.created() ? Status.CREATED : Status.OK, PinResponse.of(result.pin()));
    }

    @DELETE
    @Path(NAME)
    @ResponseStatus(204)
    public void remove(@RestPath String cache, @RestPath String name) {
        pinning.remove(cache, name);
    }

    private static <T> RestResponse<T> noStore(Status status, T body) {
        return ResponseBuilder.create(status, body)
                .header("Cache-Control", "no-store")
                .build();
    }
}
