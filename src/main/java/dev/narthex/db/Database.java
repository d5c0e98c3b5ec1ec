package dev.narthex.db;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.narthex.nix.SurrogateEscapedText;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * Runs SQL in the caller's transaction if there is one, else each statement in its own. Works in a request, and in a job that
 * has none. Uses plain JDBC: a page runs about twenty queries, and the entity manager took one sixth of its processor time for
 * native queries.
 */
@Singleton
public class Database {
    /** Most statements are constants; a few are composed of constants. */
    private static final int MAX_TEXTS = 2000;

    private final DataSource dataSource;
    private final LoadingCache<String, ParsedSql> texts =
            Caffeine.newBuilder().maximumSize(MAX_TEXTS).build(ParsedSql::parse);

    public Database(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** @param sql with parameters such as {@code :cache}, which must be bound before it runs */
    public SqlStatement statement(String sql) {
        return new SqlStatement(this, sql);
    }

    ParsedSql parse(String sql) {
        return texts.get(sql);
    }

    /** Work on a connection, for what {@link SqlStatement} cannot express: COPY, cursors and batches. */
    @FunctionalInterface
    public interface Work<T> {
        T execute(Connection connection) throws SQLException;
    }

    /**
     * Runs work on the connection of the caller's transaction, or on one in auto-commit mode.
     *
     * @throws DatabaseException if a statement fails; callers can only handle constraint violations
     */
    public <T> T withConnection(Work<T> work) {
        try (var connection = dataSource.getConnection()) {
            return work.execute(connection);
        } catch (SQLException e) {
            throw DatabaseException.of(e);
        }
    }

    /** Runs statements in a new transaction that is committed on return and does not see an open transaction of the caller. */
    public <T> T inNewTransaction(Supplier<T> work) {
        return QuarkusTransaction.requiringNew().call(work::get);
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
