package dev.narthex.ops.start;

import dev.narthex.ops.settings.StartException;
import dev.narthex.ops.snapshot.RestoreCommand;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Prevents startup on a database whose restore is incomplete: the server would serve and change partial data. */
@ApplicationScoped
class RestoreStartupCheck {
    private static final int PRIORITY_BEFORE_READS = 40;

    private final DataSource database;

    RestoreStartupCheck(DataSource database) {
        this.database = database;
    }

    void check(@Observes @Priority(PRIORITY_BEFORE_READS) StartupEvent event) {
        try (var connection = database.getConnection()) {
            if (RestoreCommand.isUnfinished(connection)) {
                throw new StartException("A restore of this database was not brought to its end."
                        + " Run deploy/run restore once more; it goes on where it was.");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
