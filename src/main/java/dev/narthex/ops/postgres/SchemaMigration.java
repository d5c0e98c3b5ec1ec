package dev.narthex.ops.postgres;

import dev.narthex.ops.settings.StartException;
import io.quarkus.flyway.FlywayConfigurationCustomizer;
import jakarta.inject.Singleton;
import java.util.Arrays;
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
        configuration.configuration(SINGLE_CONNECTION).callbacks(new UnreleasedSchemaUpgrade());
    }

    /**
     * Migrates a database that no application uses to a version, or to the latest one of this program.
     *
     * @throws StartException if the migration fails
     */
    public static void migrate(DatabaseLocation database, Optional<String> version) {
        try {
            load(database, version.map(MigrationVersion::fromVersion).orElse(MigrationVersion.LATEST))
                    .migrate();
        } catch (FlywayException e) {
            throw new StartException(
                    "The schema of the database at " + database.redactedUrl() + " cannot be made: " + e.getMessage());
        }
    }

    /** Returns whether this program has the migration with which a schema of this version ends. */
    public static boolean isKnown(DatabaseLocation database, String version) {
        var sought = MigrationVersion.fromVersion(version);
        return Arrays.stream(load(database, MigrationVersion.LATEST).info().all())
                .anyMatch(migration -> sought.equals(migration.getVersion()));
    }

    private static Flyway load(DatabaseLocation database, MigrationVersion target) {
        return Flyway.configure(SchemaMigration.class.getClassLoader())
                .configuration(SINGLE_CONNECTION)
                .callbacks(new UnreleasedSchemaUpgrade())
                .dataSource(database.jdbcUrl(), database.user(), database.password())
                .locations("classpath:db/migration")
                .failOnMissingLocations(true)
                .target(target)
                .load();
    }
}
