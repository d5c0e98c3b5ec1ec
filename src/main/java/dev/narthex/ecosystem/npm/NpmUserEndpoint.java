package dev.narthex.ecosystem.npm;

import dev.narthex.spi.Accounts;
import dev.narthex.spi.Memberships;
import dev.narthex.spi.Registries;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.jboss.resteasy.reactive.RestPath;

/**
 * {@code npm login --auth-type=legacy} and {@code npm logout}. There are no passwords here: a token stands for one,
 * whatever name is given with it, and the client keeps that token. And people, as {@code npm owner} looks them up
 * before it changes anything.
 */
@Path("/registry/{cache}/npm/-/user")
@RunOnVirtualThread
class NpmUserEndpoint {
    private static final String DOCUMENT = "org.couchdb.user:";

    private final Accounts accounts;
    private final Registries registries;
    private final Memberships memberships;
    private final Crew crew;

    NpmUserEndpoint(Accounts accounts, Registries registries, Memberships memberships, Crew crew) {
        this.accounts = accounts;
        this.registries = registries;
        this.memberships = memberships;
        this.crew = crew;
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

    /** Both members must be there for npm, which writes them into the list of owners; the address may be empty. */
    @GET
    @Path("{name}")
    public Response person(@RestPath String cache, @RestPath String name) {
        var person = memberships.person(cache, name.startsWith(DOCUMENT) ? name.substring(DOCUMENT.length()) : name);
        return NpmJson.answer(
                200,
                Map.of(
                        "_id",
                        DOCUMENT + person.name(),
                        "name",
                        person.name(),
                        "email",
                        person.email(),
                        "type",
                        "user"));
    }

    /** What somebody may do to the packages here. npm asks so when there is no organisation of the name. */
    @GET
    @Path("{name}/package")
    public Response packages(@RestPath String cache, @RestPath String name) {
        var registry = registries.read(cache);
        return NpmJson.answer(200, crew.packages(registry, memberships.may(cache, NpmEcosystem.ID, name)));
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
