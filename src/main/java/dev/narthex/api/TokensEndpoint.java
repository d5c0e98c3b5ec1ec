package dev.narthex.api;

import dev.narthex.access.TokenRequest;
import dev.narthex.access.TokenService;
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

/**
 * Creates, lists and revokes the tokens of the request's principal. The text of a token is only in the response that creates it.
 */
@Path("/_api/v1/tokens")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class TokensEndpoint {
    private final TokenService tokens;

    TokensEndpoint(TokenService tokens) {
        this.tokens = tokens;
    }

    /** Lists the newest first. With {@code all=true}, admins see everyone's tokens. */
    @GET
    public RestResponse<TokenService.TokenPage> list(
            @RestQuery @DefaultValue("false") boolean all, @RestQuery @DefaultValue("" + Long.MAX_VALUE) long before) {
        return noStore(RestResponse.Status.OK, tokens.list(all, before));
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    public RestResponse<TokenService.CreatedToken> create(InputStream body) throws IOException {
        return noStore(RestResponse.Status.CREATED, tokens.create(JsonRequestBody.read(body, TokenRequest.class)));
    }

    private static <T> RestResponse<T> noStore(RestResponse.Status status, T body) {
        return ResponseBuilder.create(status, body)
                .header("Cache-Control", "no-store")
                .build();
    }

    /** Revokes a token, effective immediately. */
    @DELETE
    @Path("{id:[0-9]{1,18}}")
    @ResponseStatus(204)
    public void revoke(@RestPath long id) {
        tokens.revoke(id);
    }
}
