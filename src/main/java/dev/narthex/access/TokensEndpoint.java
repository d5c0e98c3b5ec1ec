package dev.narthex.access;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** Tokens: made, listed and revoked by whom they are for. Their texts are told once, when they are made. */
@Path("/_api/v1/tokens")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class TokensEndpoint {
    private final OwnTokens tokens;

    TokensEndpoint(OwnTokens tokens) {
        this.tokens = tokens;
    }

    /** Newest first. An admin sees everybody's with {@code all=true}. */
    @GET
    public RestResponse<OwnTokens.Page> list(
            @RestQuery @DefaultValue("false") boolean all, @RestQuery @DefaultValue("" + Long.MAX_VALUE) long before) {
        return unkept(RestResponse.Status.OK, tokens.list(all, before));
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    public RestResponse<OwnTokens.Made> make(InputStream body) throws IOException {
        return unkept(RestResponse.Status.CREATED, tokens.make(JsonBody.read(body, TokenRequest.class)));
    }

    private static <T> RestResponse<T> unkept(RestResponse.Status status, T body) {
        return ResponseBuilder.create(status, body)
                .header("Cache-Control", "no-store")
                .build();
    }

    /** Revokes it: from now on it is no credential. */
    @DELETE
    @Path("{id:[0-9]{1,18}}")
    @ResponseStatus(204)
    public void revoke(@RestPath long id) {
        tokens.revoke(id);
    }
}
