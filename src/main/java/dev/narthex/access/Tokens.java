package dev.narthex.access;

import io.quarkus.hibernate.orm.panache.PanacheRepository;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;

/** Credentials of programs. Each text is shown once, when it is made. */
@ApplicationScoped
public class Tokens {
    private final Rows rows;
    private final SecureRandom random = new SecureRandom();

    Tokens(Rows rows) {
        this.rows = rows;
    }

    /**
     * A token to be made.
     *
     * @param owner id of the person for whom it is; empty for one of the instance's own
     * @param expiresAt empty if never
     */
    public record Wanted(String label, Scope scope, Optional<Long> owner, Optional<Instant> expiresAt) {}

    /** Makes a token; returns its text, which is kept nowhere. */
    @Transactional
    public String make(Wanted wanted) {
        var text = TokenText.make(random);
        var row = new TokenRow();
        row.hash = TokenText.hash(text);
        row.label = wanted.label();
        row.scope = wanted.scope().json();
        row.personId = wanted.owner().orElse(null);
        row.expiresAt = wanted.expiresAt().orElse(null);
        rows.persist(row);
        return text;
    }

    /** Makes a token that may do everything and does not expire; returns its text. */
    @Transactional
    public String makeAdmin(String label) {
        return make(new Wanted(label, Scope.ADMIN, Optional.empty(), Optional.empty()));
    }

    @Transactional
    public boolean none() {
        return rows.count() == 0;
    }

    @ApplicationScoped
    static class Rows implements PanacheRepository<TokenRow> {}
}
