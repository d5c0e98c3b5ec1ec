package dev.narthex.ecosystem.npm;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Accounts;
import dev.narthex.spi.Accounts.Credential;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.RestPath;

/** Serves {@code npm token}: lists and revokes tokens. They are created on a page or by {@code npm login}. */
@Path("/registry/{cache}/npm/-/npm/v1/tokens")
@RunOnVirtualThread
class NpmTokensEndpoint {
    private static final String PREFIX = "nrx_";

    private final Accounts accounts;

    NpmTokensEndpoint(Accounts accounts) {
        this.accounts = accounts;
    }

    @GET
    public Response list() {
        accounts.whoami();
        var credentials = accounts.credentials();
        var answer = NpmJson.object();
        var objects = answer.putArray("objects");
        for (var credential : credentials) {
            objects.addObject()
                    .put("token", PREFIX)
                    .put("key", key(credential))
                    .put("name", credential.label())
                    .put("readonly", false)
                    .put("created", Packument.time(credential.createdAt()))
                    .put("updated", Packument.time(credential.createdAt()))
                    .putNull("cidr_whitelist");
        }
        answer.put("total", credentials.size()).putObject("urls");
        return NpmJson.respond(200, answer);
    }

    /** A token cannot create tokens, so that revoking a stolen one is sufficient. */
    @POST
    @Consumes("*/*")
    public Response create() {
        accounts.whoami();
        throw Problem.forbidden("Tokens are made on the page /me/tokens, or by npm login.");
    }

    /** Clients send the full key: they list all tokens first and search for the prefix themselves. */
    @DELETE
    @Path("token/{key:[^/]{1,200}}")
    public Response revoke(@RestPath String key) {
        accounts.whoami();
        var credential = accounts.credentials().stream()
                .filter(one -> key(one).equals(key))
                .findFirst()
                .orElseThrow(() -> Problem.notFound("token", key));
        accounts.revoke(credential.id());
        return Response.noContent().build();
    }

    private static String key(Credential credential) {
        return "%08x".formatted(credential.id());
    }
}
