package dev.narthex.ops;

import io.quarkus.logging.Log;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Caches figures from the database for metrics. They are read in the background, on demand and at most once per interval, so
 * frequent or concurrent scrapes cause no additional queries.
 */
final class Kept<T> {
    private final Supplier<T> read;
    private final Duration fresh;
    private final AtomicBoolean reading = new AtomicBoolean();
    private volatile Optional<T> value = Optional.empty();
    private volatile long readAt;

    Kept(Duration fresh, Supplier<T> read) {
        this.fresh = fresh;
        this.read = read;
        this.readAt = System.nanoTime() - fresh.toNanos();
    }

    /**
     * Returns the last known figure; NaN before the first read and after a failed one. Starts a new read if it is older than the
     * interval.
     */
    double figure(ToDoubleFunction<T> of) {
        renew();
        return value.map(known -> of.applyAsDouble(known)).orElse(Double.NaN);
    }

    private void renew() {
        if (System.nanoTime() - readAt >= fresh.toNanos() && reading.compareAndSet(false, true)) {
            Thread.ofVirtual().name("figures").start(() -> {
                try {
                    value = Optional.of(read.get());
                } catch (RuntimeException e) {
                    Log.debug("figures cannot be read now", e);
                    value = Optional.empty();
                } finally {
                    readAt = System.nanoTime();
                    reading.set(false);
                }
            });
        }
    }
}
