package dev.narthex.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.Member;
import dev.narthex.access.MemberService;
import dev.narthex.access.Role;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;

/** Serves the members of a cache to its owners: people by id, groups by their name at the identity provider. */
@Path("/_api/v1/{cache}/members")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class MembersEndpoint {
    private static final String PERSON = "people/{id:[0-9]{1,18}}";
    private static final String GROUP = "groups/{name:.+}";
    private static final int PAGE = 100;

    private final Access access;
    private final MemberService members;

    MembersEndpoint(Access access, MemberService members) {
        this.access = access;
        this.members = members;
    }

    /** @param after value of the parameter {@code after} that requests the next page; absent on the last page */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record MembersResponse(List<Member> members, Optional<Integer> after) {}

    @GET
    public RestResponse<MembersResponse> list(@RestPath String cache, @RestQuery @DefaultValue("0") int after) {
        var foundCache = access.require(Action.CONFIGURE, cache);
        if (after < 0) {
            throw Problem.malformed(
                    "after", Integer.toString(after), "use the number returned with the previous page.");
        }
        var allMembers = members.list(foundCache, after, PAGE + 1);
        var next = allMembers.size() > PAGE ? Optional.of(after + PAGE) : Optional.<Integer>empty();
        return RestResponse.ResponseBuilder.ok(
                        new MembersResponse(allMembers.stream().limit(PAGE).toList(), next))
                .header("Cache-Control", "no-store")
                .build();
    }

    /** @param role reader, publisher, maintainer or owner */
    record MemberRequest(Optional<String> role) {
        Role required() {
            return role.flatMap(Role::parse)
                    .orElseThrow(() -> Problem.malformed(
                            "role", role.orElse(""), "the roles are reader, publisher, maintainer and owner."));
        }
    }

    @PUT
    @Path(PERSON)
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(204)
    public void put(@RestPath String cache, @RestPath long id, InputStream body) throws IOException {
        put(access.require(Action.CONFIGURE, cache), new Member.Key.Person(id), body);
    }

    @PUT
    @Path(GROUP)
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(204)
    public void put(@RestPath String cache, @RestPath String name, InputStream body) throws IOException {
        put(access.require(Action.CONFIGURE, cache), new Member.Key.Group(name), body);
    }

    private void put(Cache cache, Member.Key member, InputStream body) throws IOException {
        members.put(
                cache,
                member,
                JsonRequestBody.read(body, MemberRequest.class).required(),
                access.requireAuthenticated());
    }

    @DELETE
    @Path(PERSON)
    @ResponseStatus(204)
    public void remove(@RestPath String cache, @RestPath long id) {
        members.remove(
                access.require(Action.CONFIGURE, cache), new Member.Key.Person(id), access.requireAuthenticated());
    }

    @DELETE
    @Path(GROUP)
    @ResponseStatus(204)
    public void remove(@RestPath String cache, @RestPath String name) {
        var foundCache = access.require(Action.CONFIGURE, cache);
        members.remove(foundCache, new Member.Key.Group(name), access.requireAuthenticated());
    }
}
