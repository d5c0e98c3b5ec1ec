package dev.narthex.ops.observe;

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
final class CachedFigures<T> {
    private final Supplier<T> source;
    private final Duration interval;
    private final AtomicBoolean refreshing = new AtomicBoolean();
    private volatile Optional<T> value = Optional.empty();
    private volatile long readAt;

    CachedFigures(Duration interval, Supplier<T> source) {
        this.interval = interval;
        this.source = source;
        this.readAt = System.nanoTime() - interval.toNanos();
    }

    /**
     * Returns the last known figure; NaN before the first read and after a failed one. Starts a new read if it is older than the
     * interval.
     */
    double figure(ToDoubleFunction<T> extractor) {
        refreshIfStale();
        return value.map(figures -> extractor.applyAsDouble(figures)).orElse(Double.NaN);
    }

    private void refreshIfStale() {
        if (System.nanoTime() - readAt >= interval.toNanos() && refreshing.compareAndSet(false, true)) {
            Thread.ofVirtual().name("figures").start(() -> {
                try {
                    value = Optional.of(source.get());
                } catch (RuntimeException e) {
                    Log.debug("figures cannot be read now", e);
                    value = Optional.empty();
                } finally {
                    readAt = System.nanoTime();
                    refreshing.set(false);
                }
            });
        }
    }
}
