package dev.narthex.ecosystem.npm;

import dev.narthex.spi.Accounts;
import dev.narthex.spi.Memberships;
import dev.narthex.spi.RegistryProvider;
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
 * Serves {@code npm login --auth-type=legacy} and {@code npm logout}. Narthex has no passwords: users enter a token as the
 * password, with any name, and the client stores that token. Also serves users, whom {@code npm owner} looks up before it changes
 * anything.
 */
@Path("/registry/{cache}/npm/-/user")
@RunOnVirtualThread
class NpmUserEndpoint {
    private static final String DOCUMENT = "org.couchdb.user:";

    private final Accounts accounts;
    private final RegistryProvider registries;
    private final Memberships memberships;
    private final NpmOrganization organization;

    NpmUserEndpoint(
            Accounts accounts, RegistryProvider registries, Memberships memberships, NpmOrganization organization) {
        this.accounts = accounts;
        this.registries = registries;
        this.memberships = memberships;
        this.organization = organization;
    }

    @PUT
    @Path("{name}")
    @Consumes("*/*")
    public Response login(InputStream body) throws IOException {
        var password = NpmJson.read(body).path("password").asText("");
        var account = accounts.withToken(password);
        return NpmJson.respond(
                201, Map.of("ok", "you are authenticated as '" + account.name() + "'", "token", password));
    }

    /** npm requires name and email, which it writes into the list of owners; the email may be empty. */
    @GET
    @Path("{name}")
    public Response person(@RestPath String cache, @RestPath String name) {
        var person = memberships.person(cache, name.startsWith(DOCUMENT) ? name.substring(DOCUMENT.length()) : name);
        return NpmJson.respond(
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

    /** Returns a user's permissions on the packages. npm requests this if there is no organization of that name. */
    @GET
    @Path("{name}/package")
    public Response packages(@RestPath String cache, @RestPath String name) {
        var registry = registries.read(cache);
        return NpmJson.respond(
                200, organization.packages(registry, memberships.rightsOf(cache, NpmEcosystem.ID, name)));
    }

    /** Revokes only the token that authenticates the request: otherwise anyone who found a token could log out its owner. */
    @DELETE
    @Path("token/{token:[^/]{1,200}}")
    public Response logout(@RestPath String token) {
        accounts.whoami();
        accounts.logout(token);
        return NpmJson.respond(200, Map.of("ok", "logged out"));
    }
}
