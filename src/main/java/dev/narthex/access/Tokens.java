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

    /** Makes a token that may do everything and does not expire; returns its text. */
    @Transactional
    public String makeAdmin(String label) {
        var text = TokenText.make(random);
        var row = new TokenRow();
        row.hash = TokenText.hash(text);
        row.label = label;
        row.scope = new TokenRow.Scope(true);
        rows.persist(row);
        return text;
    }

    @Transactional
    public boolean none() {
        return rows.count() == 0;
    }

    @Transactional
    Principal principal(String secret) {
        if (!TokenText.valid(secret)) {
            return new Principal.Invalid();
        }
        return rows.find("hash", TokenText.hash(secret))
                .firstResultOptional()
                .filter(row -> row.revokedAt == null && (row.expiresAt == null || row.expiresAt.isAfter(Instant.now())))
                .<Principal>map(Rows::token)
                .orElse(new Principal.Invalid());
    }

    /** The holder of a token by its row, whether or not it is still valid. */
    @Transactional
    Optional<Principal.Token> byId(long id) {
        return rows.findByIdOptional(id).map(Rows::token);
    }

    @ApplicationScoped
    static class Rows implements PanacheRepository<TokenRow> {
        static Principal.Token token(TokenRow row) {
            return new Principal.Token(row.id, row.label, row.scope.admin());
        }
    }
}
