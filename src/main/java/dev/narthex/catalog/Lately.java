package dev.narthex.catalog;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What was read a moment ago, for those who ask while many do: a thousand readers in a second cost a read each, a hundred
 * thousand cost five hundred. What another process commits is seen two milliseconds later at the latest, what this one does
 * at once; whoever asks where few do is told nothing old.
 */
final class Lately<T> {
    static final long MOMENT_NANOS = 2_000_000;

    /** Between one read and the next. */
    static final int MANY = 8;

    private final LongSupplier clock;
    private final LongAdder asked = new LongAdder();
    private final AtomicInteger forgotten = new AtomicInteger();
    private volatile @Nullable Kept<T> kept;

    /** @param clock in nanoseconds, from any beginning */
    Lately(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * @param began when the reading did
     * @param forgotten how often something had been forgotten by then
     */
    private record Kept<T>(T value, long began, int forgotten, boolean many) {}

    Optional<T> get() {
        asked.increment();
        var last = kept;
        return last != null
                        && last.many()
                        && clock.getAsLong() - last.began() < MOMENT_NANOS
                        && last.forgotten() == forgotten.get()
                ? Optional.of(last.value())
                : Optional.empty();
    }

    /** From here on nobody is told what was read, or began to be read, before. */
    void forget() {
        forgotten.incrementAndGet();
    }

    /** Reads, and keeps what was read. One thread at a time. */
    T keep(Supplier<T> reading) {
        boolean many = asked.sumThenReset() >= MANY;
        long began = clock.getAsLong();
        int before = forgotten.get();
        var value = reading.get();
        kept = new Kept<>(value, began, before, many);
        return value;
    }
}
