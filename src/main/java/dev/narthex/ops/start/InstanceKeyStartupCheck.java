package dev.narthex.ops.start;

import dev.narthex.catalog.cache.WrappedSecrets;
import dev.narthex.ops.settings.StartException;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Prevents startup with an instance key other than the one of the data. With a wrong key, narinfos could not be signed and all
 * sessions would be invalid; secrets wrapped with it would be lost when the right key is restored.
 */
@ApplicationScoped
class InstanceKeyStartupCheck {
    private static final int PRIORITY_BEFORE_WRITES = 50;

    private final WrappedSecrets secrets;

    InstanceKeyStartupCheck(WrappedSecrets secrets) {
        this.secrets = secrets;
    }

    void check(@Observes @Priority(PRIORITY_BEFORE_WRITES) StartupEvent event) {
        if (!secrets.open()) {
            throw new StartException(
                    "The instance key is not the one with which the secrets in this database were wrapped."
                            + " Put back the file instance.key of the data folder, or NARTHEX_INSTANCE_KEY, as it was when this"
                            + " database was last used. Nothing was changed.");
        }
    }
}
