package dev.narthex.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.problem.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** Lists, creates and revokes tokens on behalf of the request's principal, for the API and the pages. */
@ApplicationScoped
public class TokenService {
    private static final int PAGE = 100;

    private final Access access;
    private final Tokens tokens;
    private final AuditLog audit;

    TokenService(Access access, Tokens tokens, AuditLog audit) {
        this.access = access;
        this.tokens = tokens;
        this.audit = audit;
    }

    /**
     * A token without its text, for display.
     *
     * @param person id of the owner; empty for a token of the instance
     * @param state valid, expired or revoked
     * @param lastUsed day in UTC
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record TokenInfo(
            long id,
            String label,
            Optional<Long> person,
            Scope scope,
            String state,
            Instant createdAt,
            Optional<Instant> expiresAt,
            Optional<LocalDate> lastUsed) {
        static TokenInfo of(TokenRow row) {
            return new TokenInfo(
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

    /** @param before value of the parameter {@code before} that requests the next page; absent on the last page */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record TokenPage(List<TokenInfo> tokens, Optional<Long> before) {}

    /** @param token the text of the token, which cannot be retrieved again */
    public record CreatedToken(String token, TokenInfo is) {}

    /**
     * Lists tokens, newest first.
     *
     * @param all everyone's tokens, for admins only
     * @param before only tokens with a lower id
     */
    public TokenPage list(boolean all, long before) {
        var rows = tokens.list(all ? selectAll() : selectOwn(access.requireAuthenticated()), before, PAGE + 1);
        var shown = rows.stream().limit(PAGE).map(TokenInfo::of).toList();
        return new TokenPage(
                shown, rows.size() > PAGE ? Optional.of(shown.getLast().id()) : Optional.empty());
    }

    /** Lists the person's tokens that expire within this time, the earliest first. */
    public List<TokenInfo> expiringSoon(Duration within) {
        var until = Instant.now().plus(within);
        return access.requireAuthenticated().person().stream()
                .flatMap(person -> tokens.listExpiring(person.id(), until, PAGE).stream())
                .map(TokenInfo::of)
                .toList();
    }

    /**
     * Creates a token for the request's principal.
     *
     * @throws dev.narthex.problem.ProblemException Malformed if a value is not allowed for anyone, Forbidden if only admins may use
     *     it
     */
    public CreatedToken create(TokenRequest request) {
        var created = tokens.create(request.validate(requireCreator(), Instant.now()));
        return new CreatedToken(created.text(), TokenInfo.of(created.row()));
    }

    /**
     * Revokes a token, effective immediately.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if it is not one of the principal's tokens
     */
    public void revoke(long id) {
        var principal = access.requireAuthenticated();
        if (!tokens.revoke(principal.admin() ? selectAll() : selectOwn(principal), id)) {
            throw Problem.notFound("token", Long.toString(id));
        }
    }

    private Tokens.TokenSelector selectAll() {
        access.requireAdmin();
        return new Tokens.TokenSelector.AllTokens();
    }

    /** Returns the tokens a principal manages. A token without admin rights only manages itself, in case it was stolen. */
    private static Tokens.TokenSelector selectOwn(Principal principal) {
        return switch (principal) {
            case Principal.Token token when !token.admin() -> new Tokens.TokenSelector.SingleToken(token.id());
            case Principal other ->
                other.person()
                        .<Tokens.TokenSelector>map(person -> new Tokens.TokenSelector.PersonTokens(person.id()))
                        .orElse(new Tokens.TokenSelector.InstanceTokens());
        };
    }

    /**
     * Returns the principal if it may create tokens: a signed-in person, or an admin's token. Other tokens may not, so that the
     * thief of a token cannot create others that survive its revocation.
     */
    private Principal requireCreator() {
        var principal = access.requireAuthenticated();
        if (principal instanceof Principal.Token && !principal.admin()) {
            audit.recordDenied(AuditLog.AuditEvent.ofInstance(Tokens.CREATE, ""));
            throw Problem.forbidden("Only signed-in people and admin tokens can create tokens.");
        }
        return principal;
    }
}
