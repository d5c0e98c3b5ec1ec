package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.web.page.BuildVersion;
import dev.narthex.web.view.StatusView;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Builds the status page. Fails if the database does not answer. */
@ApplicationScoped
class StatusPageBuilder {
    private final Access access;
    private final ChangeLog changes;
    private final String version;

    StatusPageBuilder(
            Access access,
            ChangeLog changes,
            @ConfigProperty(name = "quarkus.application.version", defaultValue = "development") String version) {
        this.access = access;
        this.changes = changes;
        this.version = version;
    }

    StatusView now() {
        return new StatusView(
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                BuildVersion.STARTED,
                version,
                changes.revision(),
                access.visible().size());
    }
}
