package dev.narthex.ecosystem.npm;

import dev.narthex.spi.Accounts;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.jboss.resteasy.reactive.RestPath;

/**
 * {@code npm login --auth-type=legacy} and {@code npm logout}. There are no passwords here: a token stands for one, whatever
 * name is given with it, and the client keeps that token.
 */
@Path("/registry/{cache}/npm/-/user")
@RunOnVirtualThread
class NpmUserEndpoint {
    private final Accounts accounts;

    NpmUserEndpoint(Accounts accounts) {
        this.accounts = accounts;
    }

    @PUT
    @Path("{name}")
    @Consumes("*/*")
    public Response login(InputStream body) throws IOException {
        var password = NpmJson.read(body).path("password").asText("");
        var account = accounts.withToken(password);
        return NpmJson.answer(
                201, Map.of("ok", "you are authenticated as '" + account.name() + "'", "token", password));
    }

    /** Only the token that asks: whoever has found another one could stop its owner. */
    @DELETE
    @Path("token/{token:[^/]{1,200}}")
    public Response logout(@RestPath String token) {
        accounts.whoami();
        accounts.logout(token);
        return NpmJson.answer(200, Map.of("ok", "logged out"));
    }
}
