package dev.narthex.ops.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.ops.settings.StartException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Each migration is recorded in its own transaction: both rows have the same transaction id. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class SchemaMigrationTest {
    private static final String COLUMN =
            "select xmin from pg_attribute where attrelid = 'package'::regclass" + " and attname = 'default_release'";

    /** Turns the current tables into those of before the first release. */
    private static final String UNRELEASED = """
            alter table package rename column normalized to normalised;
            alter table dependency rename column normalized to normalised;
            alter table tombstone rename column normalized to normalised;
            alter table declined rename column normalized to normalised;
            alter table release rename column recognizer to recogniser""";

    @Inject
    DataSource database;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    @ConfigProperty(name = "quarkus.datasource.username")
    String user;

    @ConfigProperty(name = "quarkus.datasource.password")
    String password;

    @Test
    void startRecordsMigrationsInTheirTransactions() throws Exception {
        try (var connection = database.getConnection()) {
            assertSameTransaction(connection);
        }
    }

    @Test
    void migrateCommandRecordsMigrationsInTheirTransactions() throws Exception {
        var migrated = createMigrated();
        try (var connection = OfflineDatabase.connect(migrated)) {
            assertSameTransaction(connection);
        }
    }

    @Test
    void unreleasedSchemaIsConverted() throws Exception {
        var old = createMigrated();
        execute(old, UNRELEASED, history("32"));
        SchemaMigration.migrate(old, Optional.empty());
        SchemaMigration.migrate(old, Optional.empty());
        try (var connection = OfflineDatabase.connect(old)) {
            assertEquals(5, number(connection, """
                    select count(*) from pg_attribute a join pg_class c on c.oid = a.attrelid
                    where c.relkind = 'r' and a.attname in ('normalized', 'recognizer')"""));
            assertEquals(1, number(connection, "select count(*) from flyway_schema_history where version = '6'"));
        }
    }

    @Test
    void olderUnreleasedSchemaIsRejected() throws Exception {
        var old = createMigrated();
        execute(old, UNRELEASED, history("29"));
        var rejection = assertThrows(StartException.class, () -> SchemaMigration.migrate(old, Optional.empty()));
        assertTrue(rejection.getMessage().contains("has version 29"), rejection.getMessage());
        try (var connection = OfflineDatabase.connect(old)) {
            assertEquals(2, number(connection, "select count(*) from flyway_schema_history"));
        }
    }

    @Test
    void unknownVersionsAreRecognized() throws Exception {
        var migrated = createMigrated();
        assertTrue(SchemaMigration.isKnown(migrated, "6"));
        assertFalse(SchemaMigration.isKnown(migrated, "32"));
    }

    private DatabaseLocation createMigrated() throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("drop database if exists noted");
            statement.execute("create database noted");
        }
        var location = new DatabaseLocation(url.replaceFirst("/[^/?]+(\\?|$)", "/noted$1"), user, password);
        SchemaMigration.migrate(location, Optional.empty());
        return location;
    }

    private static void execute(DatabaseLocation location, String... statements) throws SQLException {
        try (var connection = OfflineDatabase.connect(location);
                var statement = connection.createStatement()) {
            for (var sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The history of a database of before the first release. */
    private static String history(String version) {
        return """
                delete from flyway_schema_history;
                insert into flyway_schema_history
                  (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
                values (1, '1', 'schema', 'SQL', 'db/migration/V1__schema.sql', 1, 'narthex', 1, true),
                  (2, '%1$s', 'last', 'SQL', 'db/migration/V%1$s__last.sql', 1, 'narthex', 1, true)""".formatted(version);
    }

    private static void assertSameTransaction(Connection connection) throws SQLException {
        assertEquals(
                number(connection, COLUMN),
                number(connection, "select xmin from flyway_schema_history where version = '4'"));
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }
}
