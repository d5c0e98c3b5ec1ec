package dev.narthex.web.page;

import java.util.Optional;
import java.util.function.Supplier;

/** A value that is computed on first use. Not thread-safe. */
public final class Lazy<T> implements Supplier<T> {
    private final Supplier<T> maker;
    private Optional<T> value = Optional.empty();

    private Lazy(Supplier<T> supplier) {
        this.maker = supplier;
    }

    public static <T> Lazy<T> of(Supplier<T> supplier) {
        return new Lazy<>(supplier);
    }

    @Override
    public T get() {
        if (value.isEmpty()) {
            value = Optional.of(maker.get());
        }
        return value.get();
    }
}
