package dev.narthex.search.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.search.PackageSearchIndex;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for background work of the index. */
public final class IndexWaiter {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private IndexWaiter() {}

    /** Waits until the index answers and has every change. */
    public static void await(PackageSearchIndex index, ChangeLog changes) {
        until(() -> index.state().revision().equals(changes.revision()), TIMEOUT);
    }

    public static void until(BooleanSupplier reached, Duration limit) {
        var end = Instant.now().plus(limit);
        while (!reached.getAsBoolean()) {
            assertTrue(Instant.now().isBefore(end), "not within " + limit);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
