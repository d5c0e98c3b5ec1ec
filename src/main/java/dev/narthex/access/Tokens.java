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
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Creates, lists and revokes tokens, the credentials of programs. The text of a token is available only when it is created. */
@ApplicationScoped
public class Tokens {
    /** Action in the audit log. */
    static final String CREATE = "create token";

    private final Rows rows;
    private final Database sql;
    private final AuditLog audit;
    private final SecureRandom random = new SecureRandom();

    Tokens(Rows rows, Database sql, AuditLog audit) {
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
    public record Wanted(String label, Scope scope, Optional<Long> owner, Optional<Instant> expiresAt) {}

    /** @param text text of the token; not stored */
    public record Made(String text, TokenRow row) {}

    /** @throws dev.narthex.problem.ProblemException Malformed if the owner does not exist */
    @Transactional
    public Made make(Wanted wanted) {
        return make(wanted, Optional.empty());
    }

    /** @param origin the CI run that gets the token, as JSON */
    @Transactional
    public Made make(Wanted wanted, Optional<String> origin) {
        var text = TokenFormat.make(random);
        var row = new TokenRow();
        wanted.owner().ifPresent(this::requirePerson);
        row.hash = TokenFormat.hash(text);
        row.label = wanted.label();
        row.scope = wanted.scope().json();
        row.personId = wanted.owner().orElse(null);
        row.expiresAt = wanted.expiresAt().orElse(null);
        row.origin = origin.orElse(null);
        rows.persist(row);
        audit.recordDone(AuditLog.AuditEvent.ofInstance(CREATE, name(row)));
        return new Made(text, row);
    }

    private void requirePerson(long id) {
        if (sql.queryOne("select id from person where id = :id", Map.of("id", id))
                .isEmpty()) {
            throw new Problem.Malformed("person", Long.toString(id), "there is no person with this id.").toException();
        }
    }

    /** Selects tokens by owner. */
    sealed interface Whose {
        record Everybodys() implements Whose {}

        record Persons(long id) implements Whose {}

        record Instances() implements Whose {}

        record One(long token) implements Whose {}
    }

    /** Lists the newest first, only those with an id below {@code before}. */
    @Transactional
    List<TokenRow> list(Whose whose, long before, int limit) {
        var newest = Sort.descending("id");
        var found = switch (whose) {
            case Whose.Everybodys all -> rows.find("id < ?1", newest, before);
            case Whose.Persons(long id) -> rows.find("personId = ?1 and id < ?2", newest, id, before);
            case Whose.Instances none -> rows.find("personId is null and id < ?1", newest, before);
            case Whose.One(long token) -> rows.find("id = ?1 and id < ?2", newest, token, before);
        };
        return found.page(Page.ofSize(limit)).list();
    }

    /** Lists a person's valid tokens that expire before this time, the earliest first. */
    @Transactional
    List<TokenRow> ending(long person, Instant until, int limit) {
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
    boolean revoke(Whose whose, long id) {
        var found = rows.findByIdOptional(id).filter(row -> switch (whose) {
            case Whose.Everybodys all -> true;
            case Whose.Persons(long person) -> Objects.equals(row.personId, person);
            case Whose.Instances none -> row.personId == null;
            case Whose.One(long token) -> row.id == token;
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
        var name = sql.queryOne("select name from person where id = :id", Map.of("id", person))
                .orElseThrow(() -> new Problem.NotFound("person", Long.toString(person)).toException())
                .string("name");
        int revoked = sql.update("""
                update token set revoked_at = now()
                where person_id = :person and revoked_at is null and (expires_at is null or expires_at > now())""", Map.of("person", person));
        audit.recordDone(AuditLog.AuditEvent.ofInstance("revoke all tokens", name));
        return revoked;
    }

    private static String name(TokenRow row) {
        return new Principal.Token(row.id, row.label, Scope.parse(row.scope), Optional.empty()).name();
    }

    /** Creates a token that may do everything and never expires; returns its text. */
    @Transactional
    public String makeAdmin(String label) {
        return make(new Wanted(label, Scope.ADMIN, Optional.empty(), Optional.empty()))
                .text();
    }

    /**
     * Returns whether there are no tokens. Runs on every startup; uses plain SQL because the first Hibernate query takes a
     * twentieth of the startup time.
     */
    public boolean none() {
        return sql.queryOne("select id from token limit 1", Map.of()).isEmpty();
    }

    @ApplicationScoped
    static class Rows implements PanacheRepository<TokenRow> {}
}
