package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.catalog.Changes;
import dev.narthex.web.view.StatusView;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Builds the status page. Fails if the database does not answer. */
@ApplicationScoped
class StatusViews {
    private final Access access;
    private final Changes changes;
    private final String version;

    StatusViews(
            Access access,
            Changes changes,
            @ConfigProperty(name = "quarkus.application.version", defaultValue = "development") String version) {
        this.access = access;
        this.changes = changes;
        this.version = version;
    }

    StatusView now() {
        return new StatusView(
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                Build.STARTED,
                version,
                changes.revision(),
                access.visible().size());
    }
}
