package dev.narthex.ops;

import dev.narthex.store.Backend;
import dev.narthex.store.Backends;
import dev.narthex.store.Presence;
import dev.narthex.store.Scrub;
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
class StoreAtStart {
    private static final int BEFORE_ANYTHING_IS_STORED = 60;

    private final Backends backends;
    private final Presence presence;
    private final Scrub scrub;
    private final boolean lost;

    StoreAtStart(
            Backends backends,
            Presence presence,
            Scrub scrub,
            @ConfigProperty(name = "narthex.store.lost", defaultValue = "false") boolean lost) {
        this.backends = backends;
        this.presence = presence;
        this.scrub = scrub;
        this.lost = lost;
    }

    void check(@Observes @Priority(BEFORE_ANYTHING_IS_STORED) StartupEvent ready) {
        try {
            backends.check();
            if (presence.unreachable()) {
                throw new StartException(
                        "There are packs in S3 that this database knows of, but narthex.s3.bucket is not set."
                                + " Set it as it was, or move them to the data folder first.");
            }
            presence.stranger().ifPresent(this::refuse);
        } catch (IOException e) {
            throw new StartException(String.valueOf(e.getMessage()));
        }
    }

    private void refuse(Backend stranger) {
        if (lost) {
            QuarkusTransaction.requiringNew().run(scrub::want);
            return;
        }
        throw new StartException("Of the newest packs that this database knows of, none is in the " + stranger.name()
                + " (" + stranger.place() + "). Set it as it was; without a bucket only one server can use a database."
                + " If everything in it is lost, start with narthex.store.lost=true: its paths count as absent until they"
                + " are pushed again with nix copy --refresh.");
    }
}
