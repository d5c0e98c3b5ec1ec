package dev.narthex.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RefreshingCacheTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final AtomicLong clock = new AtomicLong();
    private final RefreshingCache<String, Integer> cache = new RefreshingCache<>(10, clock::get);

    private void advance(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    @Test
    void missingValueIsComputedByEveryCaller() {
        assertEquals(Optional.empty(), cache.get("a"));
        assertEquals(Optional.empty(), cache.get("a"));
    }

    @Test
    void valueIsServedForItsLifetime() {
        cache.put("a", 1, LONG);
        assertEquals(Optional.of(1), cache.get("a"));
        assertEquals(Optional.of(1), cache.get("a"));
        assertEquals(Optional.empty(), cache.get("b"));
    }

    @Test
    void valueIsDroppedAfterTwiceItsLifetime() {
        cache.put("a", 1, LONG);
        advance(LONG.multipliedBy(2).plusMillis(1));
        assertEquals(Optional.empty(), cache.get("a"));
        assertEquals(Optional.empty(), cache.get("a"), "no other caller gets it either");
    }

    @Test
    void expiredValueIsRefreshedByOneCaller() throws Exception {
        cache.put("a", 1, LONG);
        advance(LONG.plusMillis(1));
        var start = new CountDownLatch(1);
        var results = new ArrayList<Optional<Integer>>();
        try (var all = Executors.newFixedThreadPool(16)) {
            var calls = IntStream.range(0, 16)
                    .mapToObj(i -> all.submit(() -> {
                        start.await();
                        return cache.get("a");
                    }))
                    .toList();
            start.countDown();
            for (var call : calls) {
                results.add(call.get());
            }
        }
        assertEquals(1, Collections.frequency(results, Optional.empty()));
        assertEquals(15, Collections.frequency(results, Optional.of(1)));
        cache.put("a", 2, LONG);
        assertEquals(Optional.of(2), cache.get("a"));
    }
}
