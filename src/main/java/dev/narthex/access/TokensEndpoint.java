package dev.narthex.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.problem.Problem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;

/** Tokens: made, listed and revoked by whom they are for. Their texts are told once, when they are made. */
@Path("/_api/v1/tokens")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class TokensEndpoint {
    private static final int PAGE = 100;

    private final Access access;
    private final Tokens tokens;
    private final Audit audit;

    TokensEndpoint(Access access, Tokens tokens, Audit audit) {
        this.access = access;
        this.tokens = tokens;
        this.audit = audit;
    }

    /**
     * A token as it is shown.
     *
     * @param person for whom it is; none if it is the instance's own
     * @param state valid, expired or revoked
     * @param lastUsed a day of UTC
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Shown(
            long id,
            String label,
            Optional<Long> person,
            Scope scope,
            String state,
            Instant createdAt,
            Optional<Instant> expiresAt,
            Optional<LocalDate> lastUsed) {
        static Shown of(TokenRow row) {
            return new Shown(
                    row.id,
                    row.label,
                    Optional.ofNullable(row.personId),
                    Scope.parse(row.scope),
                    row.state(Instant.now()),
                    row.createdAt,
                    Optional.ofNullable(row.expiresAt),
                    Optional.ofNullable(row.lastUsed));
        }
    }

    /** @param before for the next page; absent on the last one */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Page(List<Shown> tokens, Optional<Long> before) {}

    /** Newest first. An admin sees everybody's with {@code all=true}. */
    @GET
    public RestResponse<Page> list(
            @RestQuery @DefaultValue("false") boolean all, @RestQuery @DefaultValue("" + Long.MAX_VALUE) long before) {
        var mine = all ? everybodys() : own(access.requireKnown());
        var rows = tokens.list(mine, before, PAGE + 1);
        var shown = rows.stream().limit(PAGE).map(Shown::of).toList();
        var next = rows.size() > PAGE ? Optional.of(shown.getLast().id()) : Optional.<Long>empty();
        return RestResponse.ResponseBuilder.ok(new Page(shown, next))
                .header("Cache-Control", "no-store")
                .build();
    }

    /** @param token the text, which nobody can see again */
    record Made(String token, Shown is) {}

    @POST
    @Consumes(MediaType.WILDCARD)
    public RestResponse<Made> make(InputStream body) throws IOException {
        var made = tokens.make(JsonBody.read(body, TokenRequest.class).judged(maker(), Instant.now()));
        return RestResponse.ResponseBuilder.create(
                        RestResponse.Status.CREATED, new Made(made.text(), Shown.of(made.row())))
                .header("Cache-Control", "no-store")
                .build();
    }

    /** Revokes it: from now on it is no credential. */
    @DELETE
    @Path("{id:[0-9]{1,18}}")
    @ResponseStatus(204)
    public void revoke(@RestPath long id) {
        var who = access.requireKnown();
        if (!tokens.revoke(who.admin() ? everybodys() : own(who), id)) {
            throw new Problem.NotFound("token", Long.toString(id)).asException();
        }
    }

    private Tokens.Whose everybodys() {
        access.requireAdmin();
        return new Tokens.Whose.Everybodys();
    }

    /** A token that may not do everything knows itself only: whoever stole it should not learn of others, or stop them. */
    private static Tokens.Whose own(Principal who) {
        return switch (who) {
            case Principal.Token token when !token.admin() -> new Tokens.Whose.One(token.id());
            case Principal other ->
                other.person()
                        .<Tokens.Whose>map(person -> new Tokens.Whose.Persons(person.id()))
                        .orElse(new Tokens.Whose.Instances());
        };
    }

    /** A token makes no tokens, unless it may do everything anyway: one that was stolen ends when it is revoked. */
    private Principal maker() {
        var who = access.requireKnown();
        if (who instanceof Principal.Token && !who.admin()) {
            audit.denied(Audit.Act.ofInstance(Tokens.CREATE, ""));
            throw new Problem.Forbidden("Tokens are made by people who signed in, and with an admin's token.")
                    .asException();
        }
        return who;
    }
}
