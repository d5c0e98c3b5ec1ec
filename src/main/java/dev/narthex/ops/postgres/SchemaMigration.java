package dev.narthex.ops.postgres;

import dev.narthex.ops.settings.StartException;
import io.quarkus.flyway.FlywayConfigurationCustomizer;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Migrates the database schema, at startup and for commands without an application. A migration and its row in the schema history
 * are one transaction, so a killed process leaves both or neither.
 */
@Singleton
public class SchemaMigration implements FlywayConfigurationCustomizer {
    /** Without this, Flyway writes the history row on a different connection than the migration. */
    private static final Map<String, String> SINGLE_CONNECTION =
            Map.of("flyway.postgresql.transactional.lock", "false");

    @Override
    public void customize(FluentConfiguration configuration) {
        configuration.configuration(SINGLE_CONNECTION);
    }

    /**
     * Migrates a database that no application uses to a version, or to the latest one of this program.
     *
     * @throws StartException if the migration fails
     */
    public static void migrate(DatabaseLocation database, Optional<String> version) {
        try {
            Flyway.configure(SchemaMigration.class.getClassLoader())
                    .configuration(SINGLE_CONNECTION)
                    .dataSource(database.jdbcUrl(), database.user(), database.password())
                    .locations("classpath:db/migration")
                    .failOnMissingLocations(true)
                    .target(version.map(MigrationVersion::fromVersion).orElse(MigrationVersion.LATEST))
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new StartException(
                    "The schema of the database at " + database.redactedUrl() + " cannot be made: " + e.getMessage());
        }
    }
}
