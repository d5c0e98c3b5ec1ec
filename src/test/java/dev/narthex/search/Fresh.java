package dev.narthex.search;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what the index does in the background. */
final class Fresh {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Fresh() {}

    /** Until the index answers and has every change. */
    static void await(Index index, Seeds seeds) {
        long head = seeds.head();
        until(() -> index.state().ready() && index.state().revision().endsWith("-" + Long.toString(head, 36)), LIMIT);
    }

    static void until(BooleanSupplier reached, Duration limit) {
        var end = Instant.now().plus(limit);
        while (!reached.getAsBoolean()) {
            assertTrue(Instant.now().isBefore(end), "not within " + limit);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
