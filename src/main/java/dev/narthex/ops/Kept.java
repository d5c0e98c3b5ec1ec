package dev.narthex.ops;

import io.quarkus.logging.Log;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Figures that are read from the database when somebody asks for them, in the background and not oftener than once in a while:
 * whoever scrapes every second, or twenty at once, asks the database no more than one who does so every minute.
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

    /** As it was last; not a number before that is known, or when it has not been for long. */
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
