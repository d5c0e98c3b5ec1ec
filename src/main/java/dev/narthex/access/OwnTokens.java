package dev.narthex.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.problem.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** What whoever asks may see, make and revoke of tokens, for programs and for pages. */
@ApplicationScoped
public class OwnTokens {
    private static final int PAGE = 100;

    private final Access access;
    private final Tokens tokens;
    private final Audit audit;

    OwnTokens(Access access, Tokens tokens, Audit audit) {
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
    public record Shown(
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
    public record Page(List<Shown> tokens, Optional<Long> before) {}

    /** @param token the text, which nobody can see again */
    public record Made(String token, Shown is) {}

    /**
     * Newest first, those with lower ids.
     *
     * @param all everybody's, for an admin
     */
    public Page list(boolean all, long before) {
        var rows = tokens.list(all ? everybodys() : own(access.requireKnown()), before, PAGE + 1);
        var shown = rows.stream().limit(PAGE).map(Shown::of).toList();
        return new Page(shown, rows.size() > PAGE ? Optional.of(shown.getLast().id()) : Optional.empty());
    }

    /** Of the person who asks those that end within this time, the first to end first. */
    public List<Shown> ending(Duration within) {
        var until = Instant.now().plus(within);
        return access.requireKnown().person().stream()
                .flatMap(person -> tokens.ending(person.id(), until, PAGE).stream())
                .map(Shown::of)
                .toList();
    }

    /** @throws dev.narthex.problem.ProblemException Malformed for what nobody may have, Forbidden for what only admins may */
    public Made make(TokenRequest wanted) {
        var made = tokens.make(wanted.judged(maker(), Instant.now()));
        return new Made(made.text(), Shown.of(made.row()));
    }

    /**
     * From now on it is no credential.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if it is not one of his
     */
    public void revoke(long id) {
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
