package dev.narthex.db;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.narthex.nix.SurrogateEscapedText;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * Runs statements with named parameters, in the caller's transaction if there is one, else each in its own. Uses plain JDBC: a
 * page runs about twenty queries, and the entity manager took one sixth of its processor time for native queries.
 *
 * <p>Compare a {@code char(32)} column with {@code cast(:x as char(32))}. The driver sends text, and PostgreSQL would otherwise
 * cast the column and not use its index.
 */
@Singleton
public class Database {
    /** Most statements are constants; a few are composed of constants. */
    private static final int MAX_TEXTS = 2000;

    /**
     * Enforces generic plans until the end of the transaction; without a transaction, only for the query that is sent together
     * with it.
     */
    private static final String ONE_PLAN = "select set_config('plan_cache_mode', 'force_generic_plan', true); ";

    private final DataSource database;
    private final LoadingCache<String, NamedStatement> texts =
            Caffeine.newBuilder().maximumSize(MAX_TEXTS).build(NamedStatement::parse);

    Database(DataSource database) {
        this.database = database;
    }

    /** Returns all rows. Works in a request, in a transaction, and in a job that has neither. */
    public List<Row> query(String sql, Map<String, ?> parameters) {
        return run(sql, parameters, statement -> {
            try (var result = statement.executeQuery()) {
                return Row.readAll(result);
            }
        });
    }

    public Optional<Row> queryOne(String sql, Map<String, ?> parameters) {
        return query(sql, parameters).stream().findFirst();
    }

    /**
     * Runs a query with a generic plan, which PostgreSQL reuses for all parameter values. For queries that always use indexes,
     * however many rows match: planning them again takes longer than running them, and PostgreSQL plans again if it expects a
     * lower cost for some values. In a transaction, all later statements use generic plans too.
     */
    public List<Row> queryWithGenericPlan(String sql, Map<String, ?> parameters) {
        return run(ONE_PLAN + sql, parameters, statement -> {
            statement.execute();
            statement.getMoreResults();
            try (var result = statement.getResultSet()) {
                return Row.readAll(result);
            }
        });
    }

    /** Runs a statement and returns the number of changed rows. */
    public int update(String sql, Map<String, ?> parameters) {
        return run(sql, parameters, PreparedStatement::executeUpdate);
    }

    private interface Work<T> {
        T on(PreparedStatement statement) throws SQLException;
    }

    /** Throws {@link DatabaseException}, unchecked: callers can handle constraint violations only. */
    private <T> T run(String sql, Map<String, ?> parameters, Work<T> work) {
        var named = texts.get(sql);
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(named.text())) {
            for (int i = 0; i < named.parameters().size(); i++) {
                bind(connection, statement, i + 1, value(named.parameters().get(i), parameters));
            }
            return work.on(statement);
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    private static Object value(String name, Map<String, ?> parameters) {
        var value = parameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no value for the parameter " + name);
        }
        return value;
    }

    private static void bind(Connection connection, PreparedStatement statement, int at, Object value)
            throws SQLException {
        switch (value) {
            case String text -> statement.setString(at, toPostgresText(text));
            case String[] all ->
                statement.setArray(
                        at,
                        connection.createArrayOf(
                                "text",
                                Stream.of(all).map(Database::toPostgresText).toArray()));
            case Long[] all -> statement.setArray(at, connection.createArrayOf("bigint", all));
            case Integer[] all -> statement.setArray(at, connection.createArrayOf("integer", all));
            case Instant time -> statement.setObject(at, time.atOffset(ZoneOffset.UTC));
            case Object other -> statement.setObject(at, other);
        }
    }

    /** Escapes a text for use in a LIKE pattern, so that it matches literally. */
    public static String escapeLike(String text) {
        return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }

    /**
     * Returns the text as PostgreSQL stores it: without U+0000, and with unpaired surrogates, which come from names that are not
     * UTF-8, replaced. Parameters are converted automatically; texts that are compared with rows in Java must be converted
     * explicitly.
     */
    public static String toPostgresText(String text) {
        boolean odd = text.chars().anyMatch(c -> c == 0 || Character.isSurrogate((char) c));
        return odd ? SurrogateEscapedText.toDisplayText(text.replace("\0", "")) : text;
    }
}
