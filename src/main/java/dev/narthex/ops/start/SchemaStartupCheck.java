package dev.narthex.ops.start;

import dev.narthex.ops.settings.StartException;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;

/**
 * Prevents startup on a database that a newer program migrated. Rolling updates still work: by the rule in {@code db/README.md}, a
 * newer program keeps the schema usable for older replicas that are still running. That cannot hold for an older program that
 * starts after all of those are gone, and the two cases cannot be distinguished.
 */
@ApplicationScoped
class SchemaStartupCheck {
    private static final int PRIORITY_BEFORE_READS = 40;

    private final Flyway flyway;

    SchemaStartupCheck(Flyway flyway) {
        this.flyway = flyway;
    }

    void check(@Observes @Priority(PRIORITY_BEFORE_READS) StartupEvent event) {
        require(flyway);
    }

    /** @throws StartException if the database has migrations that this program does not know */
    static void require(Flyway flyway) {
        var unknown = Arrays.stream(flyway.info().all())
                .filter(migration -> migration.getState() == MigrationState.FUTURE_SUCCESS
                        || migration.getState() == MigrationState.FUTURE_FAILED
                        || migration.getState() == MigrationState.MISSING_SUCCESS)
                .map(SchemaStartupCheck::describe)
                .collect(Collectors.joining(", "));
        if (!unknown.isEmpty()) {
            throw new StartException("This database was used by a newer Narthex: its schema has " + unknown
                    + ", which this program does not know. Start that version or a later one. Nothing was changed.");
        }
    }

    private static String describe(MigrationInfo migration) {
        return "V" + migration.getVersion() + " (" + migration.getDescription() + ")";
    }
}
