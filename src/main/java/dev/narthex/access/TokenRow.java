package dev.narthex.access;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.LocalDate;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** A row of table token. */
@Entity
@Table(name = "token")
class TokenRow {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    long id;

    /** Owner of the token; null for a token of the instance. */
    @Nullable
    Long personId;

    byte[] hash = {};
    String label = "";

    /** JSON of a {@link Scope}. */
    @JdbcTypeCode(SqlTypes.JSON)
    String scope = "{}";

    Instant createdAt = Instant.now();

    @Nullable
    Instant expiresAt;

    @Nullable
    Instant revokedAt;

    @Nullable
    LocalDate lastUsed;

    /** JSON with the CI run that got the token and the trusted publisher that accepted the run; null for other tokens. */
    @Nullable
    @JdbcTypeCode(SqlTypes.JSON)
    String origin;

    String state(Instant now) {
        if (revokedAt != null) {
            return "revoked";
        }
        return expiresAt == null || expiresAt.isAfter(now) ? "valid" : "expired";
    }
}
