package dev.narthex.access;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
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

    byte[] hash = {};
    String label = "";

    @JdbcTypeCode(SqlTypes.JSON)
    Scope scope = new Scope(false);

    Instant createdAt = Instant.now();

    @Nullable
    Instant expiresAt;

    @Nullable
    Instant revokedAt;

    /** @param admin everything, in every cache */
    record Scope(@JsonProperty boolean admin) {}
}
