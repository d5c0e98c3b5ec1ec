package dev.narthex.db;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.narthex.nix.SurrogateEscapedText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;

/** Runs SQL in the caller's transaction if there is one, else each statement in its own. */
public abstract class Database {
    /** Most statements are constants; a few are composed of constants. */
    private static final int MAX_TEXTS = 2000;

    private final LoadingCache<String, ParsedSql> texts =
            Caffeine.newBuilder().maximumSize(MAX_TEXTS).build(ParsedSql::parse);

    /** @param sql with parameters such as {@code :cache}, which must be bound before it runs */
    public final SqlStatement statement(String sql) {
        return new SqlStatement(this, sql);
    }

    final ParsedSql parse(String sql) {
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
    public abstract <T> T withConnection(Work<T> work);

    /** Runs statements in a new transaction that is committed on return and does not see an open transaction of the caller. */
    public abstract <T> T inNewTransaction(Supplier<T> work);

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
