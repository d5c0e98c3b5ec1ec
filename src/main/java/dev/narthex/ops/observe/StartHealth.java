package dev.narthex.ops.observe;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** Startup check: up once the schema is migrated, keys are opened and the job queue runs. */
@Startup
@Singleton
class StartHealth implements HealthCheck {
    private static final int LAST_PRIORITY = Integer.MAX_VALUE;

    private volatile boolean started;

    void onStarted(@Observes @Priority(LAST_PRIORITY) StartupEvent event) {
        started = true;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("start").status(started);
        return (started ? response : response.withData("reason", "It is still starting.")).build();
    }
}
