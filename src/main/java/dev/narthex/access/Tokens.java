package dev.narthex.access;

import dev.narthex.db.Database;
import dev.narthex.problem.Problem;
import io.quarkus.hibernate.orm.panache.PanacheRepository;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Creates, lists and revokes tokens, the credentials of programs. The text of a token is available only when it is created. */
@ApplicationScoped
public class Tokens {
    /** Action in the audit log. */
    static final String CREATE = "create token";

    private final TokenRepository rows;
    private final Database sql;
    private final AuditLog audit;
    private final SecureRandom random = new SecureRandom();

    Tokens(TokenRepository rows, Database sql, AuditLog audit) {
        this.rows = rows;
        this.sql = sql;
        this.audit = audit;
    }

    /**
     * A token to create.
     *
     * @param owner id of the owner; empty for a token of the instance
     * @param expiresAt empty if it never expires
     */
    public record NewToken(String label, Scope scope, Optional<Long> owner, Optional<Instant> expiresAt) {}

    /** @param text text of the token; not stored */
    public record TokenWithText(String text, TokenRow row) {}

    /** @throws dev.narthex.problem.ProblemException Malformed if the owner does not exist */
    @Transactional
    public TokenWithText create(NewToken newToken) {
        return create(newToken, Optional.empty());
    }

    /** @param origin the CI run that gets the token, as JSON */
    @Transactional
    public TokenWithText create(NewToken newToken, Optional<String> origin) {
        var text = TokenFormat.generate(random);
        var row = new TokenRow();
        newToken.owner().ifPresent(this::requirePerson);
        row.hash = TokenFormat.hash(text);
        row.label = newToken.label();
        row.scope = newToken.scope().json();
        row.personId = newToken.owner().orElse(null);
        row.expiresAt = newToken.expiresAt().orElse(null);
        row.origin = origin.orElse(null);
        rows.persist(row);
        audit.recordDone(AuditLog.AuditEvent.ofInstance(CREATE, name(row)));
        return new TokenWithText(text, row);
    }

    private void requirePerson(long id) {
        if (sql.statement("select id from person where id = :id")
                .bind("id", id)
                .first()
                .isEmpty()) {
            throw Problem.malformed("person", Long.toString(id), "there is no person with this id.");
        }
    }

    /** Selects tokens by owner. */
    sealed interface TokenSelector {
        record AllTokens() implements TokenSelector {}

        record PersonTokens(long id) implements TokenSelector {}

        record InstanceTokens() implements TokenSelector {}

        record SingleToken(long token) implements TokenSelector {}
    }

    /** Lists the newest first, only those with an id below {@code before}. */
    @Transactional
    List<TokenRow> list(TokenSelector selector, long before, int limit) {
        var newest = Sort.descending("id");
        var query = switch (selector) {
            case TokenSelector.AllTokens allTokens -> rows.find("id < ?1", newest, before);
            case TokenSelector.PersonTokens(long id) -> rows.find("personId = ?1 and id < ?2", newest, id, before);
            case TokenSelector.InstanceTokens instanceTokens ->
                rows.find("personId is null and id < ?1", newest, before);
            case TokenSelector.SingleToken(long token) -> rows.find("id = ?1 and id < ?2", newest, token, before);
        };
        return query.page(Page.ofSize(limit)).list();
    }

    /** Lists a person's valid tokens that expire before this time, the earliest first. */
    @Transactional
    List<TokenRow> listExpiring(long person, Instant until, int limit) {
        return rows.find(
                        "personId = ?1 and revokedAt is null and expiresAt between ?2 and ?3",
                        Sort.ascending("expiresAt"),
                        person,
                        Instant.now(),
                        until)
                .page(Page.ofSize(limit))
                .list();
    }

    /** Revokes a token. Returns false if it is not among the selected ones. */
    @Transactional
    boolean revoke(TokenSelector selector, long id) {
        var found = rows.findByIdOptional(id).filter(row -> switch (selector) {
            case TokenSelector.AllTokens allTokens -> true;
            case TokenSelector.PersonTokens(long person) -> Objects.equals(row.personId, person);
            case TokenSelector.InstanceTokens instanceTokens -> row.personId == null;
            case TokenSelector.SingleToken(long token) -> row.id == token;
        });
        found.filter(row -> row.revokedAt == null).ifPresent(row -> {
            row.revokedAt = Instant.now();
            audit.recordDone(AuditLog.AuditEvent.ofInstance("revoke token", name(row)));
        });
        return found.isPresent();
    }

    /**
     * Revokes all tokens of a person.
     *
     * @return number of tokens that were still valid
     * @throws dev.narthex.problem.ProblemException NotFound if the person does not exist
     */
    @Transactional
    public int revokeAll(long person) {
        var name = sql.statement("select name from person where id = :id")
                .bind("id", person)
                .first()
                .orElseThrow(() -> Problem.notFound("person", Long.toString(person)))
                .string("name");
        int revoked = sql.statement("""
                update token set revoked_at = now()
                where person_id = :person and revoked_at is null and (expires_at is null or expires_at > now())""").bind("person", person).update();
        audit.recordDone(AuditLog.AuditEvent.ofInstance("revoke all tokens", name));
        return revoked;
    }

    private static String name(TokenRow row) {
        return new Principal.Token(row.id, row.label, Scope.parse(row.scope), Optional.empty()).name();
    }

    /** Creates a token that may do everything and never expires; returns its text. */
    @Transactional
    public String makeAdmin(String label) {
        return create(new NewToken(label, Scope.ADMIN, Optional.empty(), Optional.empty()))
                .text();
    }

    /**
     * Returns whether there are no tokens. Runs on every startup; uses plain SQL because the first Hibernate query takes a
     * twentieth of the startup time.
     */
    public boolean isEmpty() {
        return sql.statement("select id from token limit 1").first().isEmpty();
    }

    @ApplicationScoped
    static class TokenRepository implements PanacheRepository<TokenRow> {}
}
