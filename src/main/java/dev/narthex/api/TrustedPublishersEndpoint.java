package dev.narthex.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.TrustedPublisher;
import dev.narthex.access.TrustedPublisherService;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** Manages the trusted publishers of a cache (CI runs that publish without a stored secret), for its owners. */
@Path("/_api/v1/{cache}/trust")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class TrustedPublishersEndpoint {
    private final Access access;
    private final TrustedPublisherService publisherService;

    TrustedPublishersEndpoint(Access access, TrustedPublisherService publisherService) {
        this.access = access;
        this.publisherService = publisherService;
    }

    /**
     * Response body.
     *
     * @param issuers issuers that trusted publishers can use
     * @param audience audience that CI runs must request for their ID tokens; npm clients do it automatically
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record TrustedPublishersResponse(
            List<TrustedPublisher.StoredTrustedPublisher> rules, List<String> issuers, String audience) {}

    @GET
    public RestResponse<TrustedPublishersResponse> list(@RestPath String cache) {
        var foundCache = access.require(Action.CONFIGURE, cache);
        return noStore(
                RestResponse.Status.OK,
                new TrustedPublishersResponse(
                        publisherService.list(foundCache), publisherService.issuers(), publisherService.audience()));
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    public RestResponse<TrustedPublisher.StoredTrustedPublisher> add(@RestPath String cache, InputStream body)
            throws IOException {
        var foundCache = access.require(Action.CONFIGURE, cache);
        return noStore(
                RestResponse.Status.CREATED,
                publisherService.add(
                        foundCache, JsonRequestBody.read(body, TrustedPublisher.TrustedPublisherRequest.class)));
    }

    /** Removes a trusted publisher and revokes the tokens issued through it. */
    @DELETE
    @Path("{id:[0-9]{1,18}}")
    @ResponseStatus(204)
    public void remove(@RestPath String cache, @RestPath long id) {
        publisherService.remove(access.require(Action.CONFIGURE, cache), id);
    }

    private static <T> RestResponse<T> noStore(RestResponse.Status status, T body) {
        return ResponseBuilder.create(status, body)
                .header("Cache-Control", "no-store")
                .build();
    }
}
