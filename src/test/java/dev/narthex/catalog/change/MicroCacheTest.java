package dev.narthex.catalog.change;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MicroCacheTest {
    private final AtomicLong clock = new AtomicLong();
    private final AtomicInteger value = new AtomicInteger();
    private final MicroCache<Integer> lately = new MicroCache<>(clock::get);

    private int read() {
        return lately.load(value::incrementAndGet);
    }

    private void many() {
        IntStream.range(0, MicroCache.MANY).forEach(i -> lately.get());
    }

    @Test
    void emptyCacheReturnsNothing() {
        many();
        assertEquals(Optional.empty(), lately.get());
    }

    @Test
    void rareReadsAreNeverStale() {
        read();
        IntStream.range(0, MicroCache.MANY - 1).forEach(i -> assertEquals(Optional.empty(), lately.get()));
        read();
        assertEquals(Optional.empty(), lately.get());
    }

    @Test
    void frequentReadsAreCachedForAMoment() {
        many();
        int first = read();
        clock.addAndGet(MicroCache.MOMENT_NANOS - 1);
        assertEquals(Optional.of(first), lately.get());
        clock.addAndGet(1);
        assertEquals(Optional.empty(), lately.get());
        many();
        assertEquals(first + 1, read());
        assertEquals(Optional.of(first + 1), lately.get());
    }

    @Test
    void invalidatedValueIsNotServedByALaterRead() {
        many();
        read();
        lately.invalidate();
        assertEquals(Optional.empty(), lately.get());
        many();
        lately.load(() -> {
            lately.invalidate();
            return 7;
        });
        assertEquals(Optional.empty(), lately.get());
        many();
        int after = read();
        assertEquals(Optional.of(after), lately.get());
    }

    @Test
    void cachingEndsWhenReadsBecomeRare() {
        many();
        read();
        clock.addAndGet(MicroCache.MOMENT_NANOS);
        read();
        assertEquals(Optional.empty(), lately.get());
    }
}
