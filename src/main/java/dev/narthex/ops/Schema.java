package dev.narthex.ops;

import io.quarkus.flyway.FlywayConfigurationCustomizer;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * How a database gets its schema: from the application that starts, and before there is one. A migration and the line that tells of
 * it are one transaction, so that whoever is killed in between leaves both or neither.
 */
@Singleton
class Schema implements FlywayConfigurationCustomizer {
    /** Without it the line goes by another connection than the migration. */
    private static final Map<String, String> ONE_CONNECTION = Map.of("flyway.postgresql.transactional.lock", "false");

    @Override
    public void customize(FluentConfiguration application) {
        application.configuration(ONE_CONNECTION);
    }

    /**
     * Brings one that no application runs on to a version, or as far as this program knows.
     *
     * @throws StartException if it cannot be brought there
     */
    static void migrate(Database database, Optional<String> version) {
        try {
            Flyway.configure(Schema.class.getClassLoader())
                    .configuration(ONE_CONNECTION)
                    .dataSource(database.jdbcUrl(), database.user(), database.password())
                    .locations("classpath:db/migration")
                    .failOnMissingLocations(true)
                    .target(version.map(MigrationVersion::fromVersion).orElse(MigrationVersion.LATEST))
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new StartException(
                    "The schema of the database at " + database.address() + " cannot be made: " + e.getMessage());
        }
    }
}
