package dev.narthex.catalog.change;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Caches a value for 2 milliseconds while request rates are high: 1,000 requests per second cause one read each, but 100,000
 * cause only 500 reads. Commits of other processes are visible after at most 2 milliseconds, those of this process immediately.
 * At low rates, nothing is cached.
 */
final class MicroCache<T> {
    static final long MOMENT_NANOS = 2_000_000;

    /** Number of requests between two reads from which on the value is cached. */
    static final int MANY = 8;

    private final LongSupplier clock;
    private final LongAdder reads = new LongAdder();
    private final AtomicInteger forgotten = new AtomicInteger();
    private volatile @Nullable CachedRead<T> current;

    /** @param clock in nanoseconds, with any origin */
    MicroCache(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * @param began when the read started
     * @param forgotten value of the invalidation counter when the read started
     */
    private record CachedRead<T>(T value, long began, int forgotten, boolean coalesced) {}

    Optional<T> get() {
        reads.increment();
        var last = current;
        return last != null
                        && last.coalesced()
                        && clock.getAsLong() - last.began() < MOMENT_NANOS
                        && last.forgotten() == forgotten.get()
                ? Optional.of(last.value())
                : Optional.empty();
    }

    /** Returns whether the value will expire soon, so that the next one should be loaded while this one is still used. */
    boolean isAging() {
        var last = current;
        return last != null && clock.getAsLong() - last.began() >= MOMENT_NANOS / 2;
    }

    /** Invalidates the cached value, and the value of a read that is in progress. */
    void invalidate() {
        forgotten.incrementAndGet();
    }

    /** Reads a value and caches it. Must not be called concurrently. */
    T load(Supplier<T> reading) {
        boolean many = reads.sumThenReset() >= MANY;
        long began = clock.getAsLong();
        int before = forgotten.get();
        var value = reading.get();
        current = new CachedRead<>(value, began, before, many);
        return value;
    }
}
