package dev.narthex.ops;

import dev.narthex.catalog.WrappedSecrets;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Refuses to start with another instance key than that of the data. With it no narinfo could be signed and nobody would be
 * signed in any more, and what is wrapped meanwhile would be lost when the right key is put back.
 */
@ApplicationScoped
class KeyAtStart {
    private static final int BEFORE_ANYTHING_IS_WRITTEN = 50;

    private final WrappedSecrets secrets;

    KeyAtStart(WrappedSecrets secrets) {
        this.secrets = secrets;
    }

    void check(@Observes @Priority(BEFORE_ANYTHING_IS_WRITTEN) StartupEvent ready) {
        if (!secrets.open()) {
            throw new StartException(
                    "The instance key is not the one with which the secrets in this database were wrapped."
                            + " Put back the file instance.key of the data folder, or NARTHEX_INSTANCE_KEY, as it was when this"
                            + " database was last used. Nothing was changed.");
        }
    }
}
