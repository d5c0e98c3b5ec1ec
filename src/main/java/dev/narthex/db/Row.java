package dev.narthex.db;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import java.sql.Array;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A query result row, read by column names. Accessors without {@code maybe} throw {@link IllegalStateException} if the column is
 * null.
 */
public final class Row {
    private final Map<String, Integer> columns;
    private final @Nullable Object[] values;

    private Row(Map<String, Integer> columns, @Nullable Object[] values) {
        this.columns = columns;
        this.values = values;
    }

    static List<Row> readAll(ResultSet result) throws SQLException {
        var metadata = result.getMetaData();
        var columns = new HashMap<String, Integer>();
        for (int i = 0; i < metadata.getColumnCount(); i++) {
            columns.put(metadata.getColumnLabel(i + 1), i);
        }
        var rows = new ArrayList<Row>();
        while (result.next()) {
            var values = new Object[metadata.getColumnCount()];
            for (int i = 0; i < values.length; i++) {
                values[i] = value(result.getObject(i + 1));
            }
            rows.add(new Row(columns, values));
        }
        return List.copyOf(rows);
    }

    private static @Nullable Object value(@Nullable Object value) throws SQLException {
        return switch (value) {
            case null -> null;
            case Timestamp time -> time.toInstant();
            case Date day -> day.toLocalDate();
            case Array array -> array.getArray();
            case Object other -> other;
        };
    }

    public long longValue(String column) {
        return get(column, Number.class).longValue();
    }

    public int intValue(String column) {
        return get(column, Number.class).intValue();
    }

    public Optional<Integer> optionalInt(String column) {
        return Optional.ofNullable((Number) raw(column)).map(Number::intValue);
    }

    public boolean bool(String column) {
        return get(column, Boolean.class);
    }

    public String string(String column) {
        return get(column, String.class);
    }

    public Optional<Long> optionalLong(String column) {
        return Optional.ofNullable((Number) raw(column)).map(Number::longValue);
    }

    public Optional<String> optionalString(String column) {
        return Optional.ofNullable((String) raw(column));
    }

    public List<String> strings(String column) {
        return List.of(get(column, String[].class));
    }

    public Instant instant(String column) {
        return get(column, Instant.class);
    }

    public Optional<Instant> optionalInstant(String column) {
        return Optional.ofNullable((Instant) raw(column));
    }

    public Optional<LocalDate> optionalDate(String column) {
        return Optional.ofNullable((LocalDate) raw(column));
    }

    public UUID uuid(String column) {
        return get(column, UUID.class);
    }

    public byte[] bytes(String column) {
        return get(column, byte[].class);
    }

    public Optional<byte[]> optionalBytes(String column) {
        return Optional.ofNullable((byte[]) raw(column));
    }

    public NixHash hash(String column, HashAlgorithm algorithm) {
        return NixHash.of(algorithm, bytes(column));
    }

    public Optional<NixHash> optionalHash(String column, HashAlgorithm algorithm) {
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
        var at = columns.get(column);
        if (at == null) {
            throw new IllegalArgumentException("no column " + column);
        }
        return values[at];
    }
}
