package dev.narthex.search;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.catalog.Changes;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what the index does in the background. */
public final class Fresh {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Fresh() {}

    /** Until the index answers and has every change. */
    public static void await(Index index, Changes changes) {
        until(() -> index.state().revision().equals(changes.revision()), LIMIT);
    }

    public static void until(BooleanSupplier reached, Duration limit) {
        var end = Instant.now().plus(limit);
        while (!reached.getAsBoolean()) {
            assertTrue(Instant.now().isBefore(end), "not within " + limit);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
