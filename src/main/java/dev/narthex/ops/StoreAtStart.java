package dev.narthex.ops;

import dev.narthex.store.Backends;
import dev.narthex.store.Moving;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;

/** Refuses to start without what packs are to be kept in: every push would fail, and every download. */
@ApplicationScoped
class StoreAtStart {
    private static final int BEFORE_ANYTHING_IS_STORED = 60;

    private final Backends backends;
    private final Moving moving;

    StoreAtStart(Backends backends, Moving moving) {
        this.backends = backends;
        this.moving = moving;
    }

    void check(@Observes @Priority(BEFORE_ANYTHING_IS_STORED) StartupEvent ready) {
        try {
            backends.check();
        } catch (IOException e) {
            throw new StartException(String.valueOf(e.getMessage()));
        }
        if (moving.unreachable()) {
            throw new StartException(
                    "There are packs in S3 that this database knows of, but narthex.s3.bucket is not set."
                            + " Set it as it was, or move them to the data folder first.");
        }
    }
}
