package dev.narthex.ops.start;

import dev.narthex.ops.settings.StartException;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.upkeep.BackendPresenceCheck;
import dev.narthex.store.upkeep.StoreScrubber;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Prevents startup without the configured pack store, since all pushes and downloads would fail. Also prevents startup with the
 * wrong folder or bucket, because checks would then treat packs as lost that are not.
 */
@ApplicationScoped
class BackendStartupCheck {
    private static final int PRIORITY_BEFORE_STORING = 60;

    private final ConfiguredBackends backends;
    private final BackendPresenceCheck presenceCheck;
    private final StoreScrubber scrub;
    private final boolean storeLost;

    BackendStartupCheck(
            ConfiguredBackends backends,
            BackendPresenceCheck presenceCheck,
            StoreScrubber scrub,
            @ConfigProperty(name = "narthex.store.lost", defaultValue = "false") boolean storeLost) {
        this.backends = backends;
        this.presenceCheck = presenceCheck;
        this.scrub = scrub;
        this.storeLost = storeLost;
    }

    void check(@Observes @Priority(PRIORITY_BEFORE_STORING) StartupEvent event) {
        try {
            backends.check();
            if (presenceCheck.hasUnreachablePacks()) {
                throw new StartException(
                        "There are packs in S3 that this database knows of, but narthex.s3.bucket is not set."
                                + " Set it as it was, or move them to the data folder first.");
            }
            presenceCheck.findBackendWithoutPacks().ifPresent(this::rejectBackend);
        } catch (IOException e) {
            throw new StartException(String.valueOf(e.getMessage()));
        }
    }

    private void rejectBackend(Backend unknownBackend) {
        if (storeLost) {
            QuarkusTransaction.requiringNew().run(scrub::requestFullVerification);
            return;
        }
        throw new StartException("None of the newest packs in this database is in the " + unknownBackend.name()
                + " (" + unknownBackend.location()
                + "). Set it as it was; without a bucket only one server can use a database."
                + " If everything in it is lost, start with narthex.store.lost=true: its paths count as absent until they"
                + " are pushed again with nix copy --refresh.");
    }
}
