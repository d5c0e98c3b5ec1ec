package dev.narthex.ecosystem.npm;

import dev.narthex.problem.Problem;
import dev.narthex.spi.CiTokens;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestPath;

/**
 * Trusted publishing: exchanges ID tokens, so that CI can publish without a stored secret (npm/cli lib/utils/oidc.js). The client
 * obtains an ID token with the audience {@code npm:} plus the registry's host name. It posts the token to the host's root, even
 * if the registry's URL has a path.
 */
@Path("/-/npm/v1/oidc/token/exchange/package/{name:.+}")
@RunOnVirtualThread
class NpmExchangeEndpoint {
    private static final String BEARER = "Bearer ";

    private final CiTokens tokens;
    private final String audience;

    NpmExchangeEndpoint(CiTokens tokens, @ConfigProperty(name = "narthex.url") String url) {
        this.tokens = tokens;
        this.audience = "npm:" + URI.create(url).getHost();
    }

    @POST
    @Consumes("*/*")
    public Response exchange(
            @RestPath String name, @HeaderParam("Authorization") @DefaultValue("") String authorization) {
        if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            throw Problem.unauthorized("Send the ID token of the CI run, as Bearer.");
        }
        var idToken = authorization.substring(BEARER.length()).strip();
        var requestedName =
                NpmName.parse(name).orElseThrow(() -> Problem.malformed("name", name, "this is no name of a package."));
        var outcome = tokens.exchange(idToken, audience, NpmEcosystem.ID, Optional.of(requestedName.toString()));
        return switch (outcome) {
            case CiTokens.ExchangeResult.Granted exchanged ->
                NpmJson.respond(201, Map.of("token", exchanged.text(), "token_type", "oidc"));
            case CiTokens.ExchangeResult.Denied denied -> refusalReason(denied);
        };
    }

    /** npm shows one of the two members, other clients the other. */
    private static Response refusalReason(CiTokens.ExchangeResult.Denied denied) {
        int status = denied.code().equals(CiTokens.UNKNOWN_RUN) ? 403 : 401;
        return NpmJson.respond(status, Map.of("message", denied.detail(), "error", denied.detail()));
    }
}
