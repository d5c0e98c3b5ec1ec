package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.spi.CiTokens;
import dev.narthex.spi.CiTokens.ExchangeResult;
import dev.narthex.spi.UntrustedJson;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trusted publishing: exchanges ID tokens, so that CI can publish without a stored secret. Clients use these routes at the root
 * of the host (pypi/warehouse warehouse/oidc/views.py): they get the audience, obtain an ID token from their CI and post it.
 */
@Path("/_/oidc")
@RunOnVirtualThread
class PypiExchangeEndpoint {
    private static final int MAX_BYTES = 32 << 10;
    private static final int UNPROCESSABLE = 422;
    private static final ObjectMapper JSON = UntrustedJson.mapper().build();

    private final CiTokens tokens;

    PypiExchangeEndpoint(CiTokens tokens) {
        this.tokens = tokens;
    }

    @GET
    @Path("audience")
    public Response audience() {
        return respond(200, Map.of("audience", tokens.audience()));
    }

    @POST
    @Path("mint-token")
    @Consumes("*/*")
    public Response mint(InputStream body) throws IOException {
        var idToken = idToken(body.readNBytes(MAX_BYTES));
        if (idToken.isEmpty()) {
            return rejected("invalid-payload", "Send {\"token\": …} with the ID token of the CI run.");
        }
        return switch (tokens.exchange(idToken, tokens.audience(), PypiEcosystem.ID, Optional.empty())) {
            case ExchangeResult.Granted exchanged ->
                respond(
                        200,
                        Map.of(
                                "success",
                                true,
                                "token",
                                exchanged.text(),
                                "expires",
                                exchanged.expiresAt().getEpochSecond()));
            case ExchangeResult.Denied refusal -> rejected(refusal.code(), refusal.detail());
        };
    }

    private static String idToken(byte[] body) throws IOException {
        try {
            JsonNode json = JSON.readTree(body);
            return json == null ? "" : json.path("token").asText("");
        } catch (JsonProcessingException e) {
            return "";
        }
    }

    /** Clients print codes and descriptions. */
    private static Response rejected(String code, String description) {
        return respond(
                UNPROCESSABLE,
                Map.of(
                        "message",
                        "Token request failed",
                        "errors",
                        List.of(Map.of("code", code, "description", description))));
    }

    private static Response respond(int status, Map<String, Object> body) {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON)
                .header("Cache-Control", "no-store")
                .entity(body)
                .build();
    }
}
