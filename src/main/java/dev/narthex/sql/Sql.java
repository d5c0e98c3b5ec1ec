package dev.narthex.sql;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.narthex.nix.ByteText;
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
 * Statements with named parameters, in the caller's transaction or, without one, each by itself. Plain JDBC: a page asks some
 * twenty of them, and a sixth of its processor time was what an entity manager does around native queries.
 *
 * <p>A {@code char(32)} column must be compared with {@code cast(:x as char(32))}: the driver sends text, for which PostgreSQL
 * would cast the column and pass by its index.
 */
@Singleton
public class Sql {
    /** Texts are constants, and a few are put together of constants. */
    private static final int MOST_TEXTS = 2000;

    /** Until the end of the transaction, and that of these two statements if there is no other; sent together with what it is for. */
    private static final String ONE_PLAN = "select set_config('plan_cache_mode', 'force_generic_plan', true); ";

    private final DataSource database;
    private final LoadingCache<String, Named> texts =
            Caffeine.newBuilder().maximumSize(MOST_TEXTS).build(Named::parse);

    Sql(DataSource database) {
        this.database = database;
    }

    /** Works in a request, in a transaction, and in a job that has neither. */
    public List<Row> rows(String sql, Map<String, ?> parameters) {
        return run(sql, parameters, statement -> {
            try (var result = statement.executeQuery()) {
                return Row.all(result);
            }
        });
    }

    public Optional<Row> first(String sql, Map<String, ?> parameters) {
        return rows(sql, parameters).stream().findFirst();
    }

    /**
     * The same by one plan for all values. For statements that only go along indexes, however many rows there are: to plan
     * them anew takes longer than to run them, which is what PostgreSQL does where it expects less for some values than for
     * others. In a transaction the rest of it is planned so, too.
     */
    public List<Row> rowsByOnePlan(String sql, Map<String, ?> parameters) {
        return run(ONE_PLAN + sql, parameters, statement -> {
            statement.execute();
            statement.getMoreResults();
            try (var result = statement.getResultSet()) {
                return Row.all(result);
            }
        });
    }

    /** Returns the number of rows changed. */
    public int change(String sql, Map<String, ?> parameters) {
        return run(sql, parameters, PreparedStatement::executeUpdate);
    }

    private interface Work<T> {
        T on(PreparedStatement statement) throws SQLException;
    }

    /** No caller can mend an SQLException but that of a row that is there already, so all others leave as faults. */
    private <T> T run(String sql, Map<String, ?> parameters, Work<T> work) {
        var named = texts.get(sql);
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(named.text())) {
            for (int i = 0; i < named.parameters().size(); i++) {
                bind(connection, statement, i + 1, value(named.parameters().get(i), parameters));
            }
            return work.on(statement);
        } catch (SQLException e) {
            throw SqlFault.of(e);
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
            case String text -> statement.setString(at, storable(text));
            case String[] all ->
                statement.setArray(
                        at,
                        connection.createArrayOf(
                                "text", Stream.of(all).map(Sql::storable).toArray()));
            case Long[] all -> statement.setArray(at, connection.createArrayOf("bigint", all));
            case Integer[] all -> statement.setArray(at, connection.createArrayOf("integer", all));
            case Instant time -> statement.setObject(at, time.atOffset(ZoneOffset.UTC));
            case Object other -> statement.setObject(at, other);
        }
    }

    /** For a pattern of LIKE: the text itself, with nothing in it that matches anything else. */
    public static String literally(String text) {
        return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }

    /**
     * The text as PostgreSQL gives it back: it keeps neither U+0000 nor surrogates that stand alone, as in names that were no
     * UTF-8. Parameters of queries go through this; texts that are compared with rows must, too.
     */
    public static String storable(String text) {
        boolean odd = text.chars().anyMatch(c -> c == 0 || Character.isSurrogate((char) c));
        return odd ? ByteText.shown(text.replace("\0", "")) : text;
    }
}
