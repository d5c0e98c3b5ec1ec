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

/** Serves {@code npm team} and {@code npm access} for one team: the members with one role in the cache. */
@Path("/registry/{cache}/npm/-/team/{org}/{team}")
@RunOnVirtualThread
class NpmTeamEndpoint {
    private final NpmOrganization organization;
    private final Memberships memberships;

    NpmTeamEndpoint(NpmOrganization organization, Memberships memberships) {
        this.organization = organization;
        this.memberships = memberships;
    }

    @GET
    @Path("user")
    public Response users(@RestPath String cache, @RestPath String org, @RestPath String team) {
        organization.of(cache, org);
        var members = organization.members(cache);
        var role = organization.role(cache, team);
        return NpmJson.respond(
                200,
                members.stream()
                        .filter(member -> member.role().equals(role))
                        .map(Memberships.RegistryMember::name)
                        .toList());
    }

    @PUT
    @Path("user")
    @Consumes("*/*")
    public Response put(@RestPath String cache, @RestPath String org, @RestPath String team, InputStream body)
            throws IOException {
        organization.of(cache, org);
        var editor = memberships.edit(cache);
        var role = organization.role(cache, team);
        organization.put(editor, cache, NpmJson.text(NpmJson.read(body), "user"), role);
        return NpmJson.respond(201, NpmJson.object());
    }

    /** Removing someone from a team ends the membership, because nobody is in two teams. */
    @DELETE
    @Path("user")
    @Consumes("*/*")
    public Response remove(@RestPath String cache, @RestPath String org, @RestPath String team, InputStream body)
            throws IOException {
        organization.of(cache, org);
        var editor = memberships.edit(cache);
        var role = organization.role(cache, team);
        var who = NpmJson.text(NpmJson.read(body), "user");
        organization.remove(editor, cache, who, Optional.of(role));
        // npm before 10 fails on a response without a body
        var answer = Response.fromResponse(NpmJson.respond(200, NpmJson.object()));
        return NpmNotice.addTo(answer, who, "is no member of " + cache + " any more.");
    }

    @DELETE
    public Response destroy(@RestPath String cache, @RestPath String org, @RestPath String team) {
        organization.of(cache, org);
        memberships.edit(cache);
        throw NpmOrgEndpoint.teamsAreRoles(organization, cache);
    }

    @GET
    @Path("package")
    public Response packages(@RestPath String cache, @RestPath String org, @RestPath String team) {
        var registry = organization.of(cache, org);
        var role = organization.role(cache, team);
        return NpmJson.respond(200, organization.packages(registry, organization.rightsOf(role)));
    }

    @PUT
    @Path("package")
    @Consumes("*/*")
    public Response grant(@RestPath String cache, @RestPath String org) {
        throw teamsAreRoles(cache, org);
    }

    @DELETE
    @Path("package")
    @Consumes("*/*")
    public Response revoke(@RestPath String cache, @RestPath String org) {
        throw teamsAreRoles(cache, org);
    }

    private RuntimeException teamsAreRoles(String cache, String org) {
        organization.of(cache, org);
        memberships.edit(cache);
        return Problem.forbidden(
                "The permissions of a team follow from its role, and are the same for all packages of " + cache
                        + ". Move people to another team with npm team add, or create a token for some packages on"
                        + " the page /me/tokens.");
    }
}
