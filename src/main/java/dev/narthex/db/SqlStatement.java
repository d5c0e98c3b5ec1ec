package dev.narthex.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A statement with values for its named parameters. Runs once, in the caller's transaction if there is one, else in its own.
 *
 * <p>Compare a {@code char(32)} column with {@code cast(:x as char(32))}. The driver sends text, and PostgreSQL would otherwise
 * cast the column and not use its index.
 */
public final class SqlStatement {
    private static final double MILLIS_PER_SECOND = 1000;

    /**
     * Enforces generic plans until the end of the transaction; without a transaction, only for the query that is sent together
     * with it.
     */
    private static final String GENERIC_PLAN = "select set_config('plan_cache_mode', 'force_generic_plan', true); ";

    private final Database database;
    private final String sql;
    private final Map<String, @Nullable Object> values = new HashMap<>();

    SqlStatement(Database database, String sql) {
        this.database = database;
        this.sql = sql;
    }

    /**
     * Sets a parameter.
     *
     * @param value a text, number, boolean, UUID, byte array, {@link Instant} or array of texts, numbers or byte arrays; a
     *     {@link Duration} is sent as its number of seconds, an empty {@link Optional} as null
     */
    public SqlStatement bind(String name, Object value) {
        values.put(name, value instanceof Optional<?> optional ? optional.orElse(null) : value);
        return this;
    }

    /** Sets a parameter that is a list of ids, for {@code any(:name)}. */
    public SqlStatement bindIds(String name, Collection<Long> ids) {
        return bind(name, ids.toArray(Long[]::new));
    }

    public SqlStatement bindAll(Map<String, ?> all) {
        all.forEach(this::bind);
        return this;
    }

    public List<Row> list() {
        return run(sql, statement -> rows(statement.executeQuery()));
    }

    public <T> List<T> list(Function<? super Row, ? extends T> mapper) {
        return list().stream().<T>map(mapper).toList();
    }

    /** Returns the first row, if there is one. */
    public Optional<Row> first() {
        return list().stream().findFirst();
    }

    /** Returns the row of a statement that always returns one, such as a count or an insert with RETURNING. */
    public Row one() {
        return list().getFirst();
    }

    /**
     * Runs a query with a generic plan, which PostgreSQL reuses for all parameter values. For queries that always use indexes,
     * however many rows match: planning them again takes longer than running them, and PostgreSQL plans again if it expects a
     * lower cost for some values. In a transaction, all later statements use generic plans too.
     */
    public List<Row> listWithGenericPlan() {
        return run(GENERIC_PLAN + sql, statement -> {
            statement.execute();
            statement.getMoreResults();
            return rows(statement.getResultSet());
        });
    }

    public <T> List<T> listWithGenericPlan(Function<? super Row, ? extends T> mapper) {
        return listWithGenericPlan().stream().<T>map(mapper).toList();
    }

    /** Runs an insert, update or delete and returns the number of changed rows. */
    public int update() {
        return run(sql, PreparedStatement::executeUpdate);
    }

    private interface Execution<T> {
        T on(PreparedStatement statement) throws SQLException;
    }

    private <T> T run(String text, Execution<T> execution) {
        var parsed = database.parse(text);
        return database.withConnection(connection -> {
            try (var statement = connection.prepareStatement(parsed.text())) {
                for (int i = 0; i < parsed.parameters().size(); i++) {
                    set(connection, statement, i + 1, value(parsed.parameters().get(i)));
                }
                return execution.on(statement);
            }
        });
    }

    private static List<Row> rows(ResultSet result) throws SQLException {
        try (result) {
            return Row.readAll(result);
        }
    }

    private @Nullable Object value(String name) {
        if (!values.containsKey(name)) {
            throw new IllegalArgumentException("no value for the parameter " + name);
        }
        return values.get(name);
    }

    private static void set(Connection connection, PreparedStatement statement, int at, @Nullable Object value)
            throws SQLException {
        switch (value) {
            case null -> statement.setObject(at, null);
            case String text -> statement.setString(at, Database.toPostgresText(text));
            case String[] texts ->
                statement.setArray(
                        at,
                        connection.createArrayOf(
                                "text",
                                Stream.of(texts).map(Database::toPostgresText).toArray()));
            case Long[] numbers -> statement.setArray(at, connection.createArrayOf("bigint", numbers));
            case byte[][] values -> statement.setArray(at, connection.createArrayOf("bytea", values));
            case Integer[] numbers -> statement.setArray(at, connection.createArrayOf("integer", numbers));
            case Instant time -> statement.setObject(at, time.atOffset(ZoneOffset.UTC));
            case Duration duration -> statement.setDouble(at, duration.toMillis() / MILLIS_PER_SECOND);
            case Object other -> statement.setObject(at, other);
        }
    }
}
