package dev.narthex.ops.postgres;

import dev.narthex.ops.settings.StartException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * Converts databases of before the first release, whose schema history had 32 other migrations. Their tables differ only in the
 * spelling of columns. The history then begins with the current migrations as a baseline.
 *
 * <p>Runs before Flyway compares the history with its migrations, in one transaction.
 */
final class UnreleasedSchemaUpgrade extends BaseCallback {
    private static final String LAST = "32";

    /** Migrations whose result the converted tables are. */
    private static final String BASELINE = "6";

    private static final String CONVERT = """
            alter table package rename column normalised to normalized;
            alter table dependency rename column normalised to normalized;
            alter table tombstone rename column normalised to normalized;
            alter table declined rename column normalised to normalized;
            alter table release rename column recogniser to recognizer;
            delete from flyway_schema_history;
            insert into flyway_schema_history
              (installed_rank, version, description, type, script, installed_by, execution_time, success)
            values (1, '%s', 'converted', 'BASELINE', 'converted', current_user, 0, true)""".formatted(BASELINE);

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.BEFORE_VALIDATE;
    }

    @Override
    public void handle(Event event, Context context) {
        try {
            convert(context.getConnection());
        } catch (SQLException e) {
            throw new StartException("The schema of the database cannot be converted: " + e.getMessage());
        }
    }

    private static void convert(Connection connection) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            // one server converts; the others wait and find a converted history
            if (readVersion(connection).isPresent()) {
                statement.execute("lock table flyway_schema_history in access exclusive mode");
                var version = readVersion(connection);
                if (version.isPresent()) {
                    requireLast(version.get());
                    statement.execute(CONVERT);
                }
            }
            connection.commit();
        } finally {
            connection.rollback();
            connection.setAutoCommit(autoCommit);
        }
    }

    /** Returns the last version of a history of before the first release. */
    private static Optional<String> readVersion(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            try (var table = statement.executeQuery("select to_regclass('flyway_schema_history') is not null")) {
                table.next();
                if (!table.getBoolean(1)) {
                    return Optional.empty();
                }
            }
            try (var row = statement.executeQuery("""
                    select version from flyway_schema_history
                    where exists (select from flyway_schema_history where version = '1' and description = 'schema')
                    order by installed_rank desc limit 1""")) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    private static void requireLast(String version) {
        if (!version.equals(LAST)) {
            throw new StartException("The schema of this database has version " + version
                    + " of before the first release, and only version " + LAST
                    + " can be converted. Start the commit that"
                    + " added V" + LAST + " once, then this version. Nothing was changed.");
        }
    }
}
