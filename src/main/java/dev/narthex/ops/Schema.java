package dev.narthex.ops;

import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;

/** The schema of a database that no application runs on yet. */
final class Schema {
    private Schema() {}

    /**
     * Brings it to a version, or as far as this program knows.
     *
     * @throws StartException if it cannot be brought there
     */
    static void migrate(Database database, Optional<String> version) {
        try {
            Flyway.configure(Schema.class.getClassLoader())
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
