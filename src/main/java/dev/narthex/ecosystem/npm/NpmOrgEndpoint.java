package dev.narthex.ecosystem.npm;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Memberships;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;

/**
 * Serves {@code npm org}, {@code npm team ls} for all teams, and {@code npm access list packages} for an organization, which is
 * the cache.
 */
@Path("/registry/{cache}/npm/-/org/{org}")
@RunOnVirtualThread
class NpmOrgEndpoint {
    private final NpmOrganization organization;
    private final Memberships memberships;

    NpmOrgEndpoint(NpmOrganization organization, Memberships memberships) {
        this.organization = organization;
        this.memberships = memberships;
    }

    @GET
    @Path("package")
    public Response packages(@RestPath String cache, @RestPath String org) {
        var registry = organization.of(cache, org);
        return NpmJson.respond(200, organization.packages(registry, memberships.rightsOf(cache, NpmEcosystem.ID)));
    }

    @GET
    @Path("team")
    public Response teams(@RestPath String cache, @RestPath String org) {
        organization.of(cache, org);
        return NpmJson.respond(200, organization.teams(cache));
    }

    /** Checks the right to change members first, so that only those who have it learn that teams are fixed. */
    @PUT
    @Path("team")
    @Consumes("*/*")
    public Response create(@RestPath String cache, @RestPath String org) {
        organization.of(cache, org);
        memberships.edit(cache);
        throw teamsAreRoles(organization, cache);
    }

    static RuntimeException teamsAreRoles(NpmOrganization organization, String cache) {
        return Problem.forbidden("The teams of " + cache + " are its roles, and there are no others: "
                + String.join(", ", organization.teams(cache))
                + ". Change who is in them with npm team add and rm.");
    }

    @GET
    @Path("user")
    public Response roster(@RestPath String cache, @RestPath String org) {
        organization.of(cache, org);
        return NpmJson.respond(200, NpmOrganization.roster(organization.members(cache)));
    }

    @PUT
    @Path("user")
    @Consumes("*/*")
    public Response put(@RestPath String cache, @RestPath String org, InputStream body) throws IOException {
        organization.of(cache, org);
        var editor = memberships.edit(cache);
        var json = NpmJson.read(body);
        var who = NpmJson.text(json, "user");
        var role = organization.toCacheRole(NpmJson.text(json, "role"));
        organization.put(editor, cache, who, role);
        var answer = NpmJson.object().put("user", who).put("role", role);
        answer.putObject("org").put("name", org).put("size", editor.size());
        return NpmJson.respond(200, answer);
    }

    @DELETE
    @Path("user")
    @Consumes("*/*")
    public Response remove(@RestPath String cache, @RestPath String org, InputStream body) throws IOException {
        organization.of(cache, org);
        var editor = memberships.edit(cache);
        organization.remove(editor, cache, NpmJson.text(NpmJson.read(body), "user"), Optional.empty());
        return Response.noContent().build();
    }
}
