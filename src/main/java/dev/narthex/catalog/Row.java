package dev.narthex.catalog;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import jakarta.persistence.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of a query, read by the names of its columns. */
record Row(Tuple tuple) {
    long number(String column) {
        return get(column, Number.class).longValue();
    }

    boolean truth(String column) {
        return get(column, Boolean.class);
    }

    String text(String column) {
        return get(column, String.class);
    }

    Optional<Long> maybeNumber(String column) {
        return Optional.ofNullable((Number) raw(column)).map(Number::longValue);
    }

    Optional<String> maybeText(String column) {
        return Optional.ofNullable((String) raw(column));
    }

    List<String> texts(String column) {
        return List.of(get(column, String[].class));
    }

    Instant time(String column) {
        return get(column, Instant.class);
    }

    Optional<Instant> maybeTime(String column) {
        return Optional.ofNullable((Instant) raw(column));
    }

    UUID uuid(String column) {
        return get(column, UUID.class);
    }

    byte[] bytes(String column) {
        return get(column, byte[].class);
    }

    NixHash hash(String column, HashAlgorithm algorithm) {
        return NixHash.of(algorithm, bytes(column));
    }

    Optional<NixHash> maybeHash(String column, HashAlgorithm algorithm) {
        return raw(column) == null ? Optional.empty() : Optional.of(hash(column, algorithm));
    }

    private <T> T get(String column, Class<T> type) {
        var value = raw(column);
        if (value == null) {
            throw new IllegalStateException("column " + column + " is null");
        }
        return type.cast(value);
    }

    private @Nullable Object raw(String column) {
        return tuple.get(column);
    }
}
