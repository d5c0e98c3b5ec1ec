package dev.narthex.catalog.support;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/** Generic plans of statements in PostgreSQL. */
public final class QueryPlans {
    private QueryPlans() {}

    /** Statements to send before a statement to get the same plan. */
    private static final Pattern BEFORE = Pattern.compile("^select set_config\\([^)]*\\); ");

    /** @param sql as recorded, with question marks */
    public static List<String> of(DataSource database, String sql) {
        try (var c = database.getConnection()) {
            return of(c, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> of(Connection c, String sql) {
        int n = 0;
        var numbered = new StringBuilder();
        for (char character : BEFORE.matcher(sql).replaceFirst("").toCharArray()) {
            numbered.append(character == '?' ? "$" + ++n : character);
        }
        var nulls = n == 0 ? "" : "(null" + ", null".repeat(n - 1) + ")";
        try (var statement = c.createStatement()) {
            statement.execute("set plan_cache_mode = force_generic_plan");
            statement.execute("prepare asked as " + numbered);
            try (var rows = statement.executeQuery("explain execute asked" + nulls)) {
                var lines = new ArrayList<String>();
                while (rows.next()) {
                    lines.add(rows.getString(1));
                }
                return lines;
            } finally {
                statement.execute("deallocate asked");
                statement.execute("reset plan_cache_mode");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }
}
