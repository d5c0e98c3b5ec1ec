package dev.narthex.ecosystem.npm;

import dev.narthex.spi.Accounts;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestPath;

/**
 * Web login of {@code npm login} (npm/cli workspaces: npm-profile lib/index.js): the client gets two URLs, shows one to its user
 * and polls the other until it returns a token. Neither reveals whether the cache exists.
 */
@Path("/registry/{cache}/npm/-/v1/login")
@RunOnVirtualThread
class NpmLoginEndpoint {
    private static final int AGAIN_SECONDS = 2;

    private final Accounts accounts;
    private final String url;

    NpmLoginEndpoint(Accounts accounts, @ConfigProperty(name = "narthex.url") String url) {
        this.accounts = accounts;
        this.url = url;
    }

    @POST
    @Consumes("*/*")
    public Response begin(@RestPath String cache, @HeaderParam("User-Agent") @DefaultValue("a client") String client) {
        var login = accounts.begin(cache, NpmEcosystem.ID, client);
        var done = url + "/registry/" + cache + "/npm/-/v1/login/" + login.secret();
        return NpmJson.respond(200, Map.of("loginUrl", login.page(), "doneUrl", done));
    }

    @GET
    @Path("{secret:[0-9a-f]{64}}")
    public Response finish(@RestPath String secret) {
        return accounts.finish(secret)
                .map(token -> NpmJson.respond(200, Map.of("token", token)))
                .orElseGet(() -> Response.fromResponse(NpmJson.respond(202, Map.of()))
                        .header("Retry-After", AGAIN_SECONDS)
                        .build());
    }
}
