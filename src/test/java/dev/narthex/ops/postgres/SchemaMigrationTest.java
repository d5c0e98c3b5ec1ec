package dev.narthex.ops.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
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
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("drop database if exists noted");
            statement.execute("create database noted");
        }
        var noted = new DatabaseLocation(url.replaceFirst("/[^/?]+(\\?|$)", "/noted$1"), user, password);
        SchemaMigration.migrate(noted, Optional.empty());
        try (var connection = OfflineDatabase.connect(noted)) {
            assertSameTransaction(connection);
        }
    }

    private static void assertSameTransaction(Connection connection) throws SQLException {
        assertEquals(
                number(connection, COLUMN),
                number(connection, "select xmin from flyway_schema_history where version = '3'"));
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }
}
