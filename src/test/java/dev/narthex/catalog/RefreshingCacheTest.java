package dev.narthex.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RefreshingCacheTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration GONE = Duration.ofNanos(1);

    private final RefreshingCache<String, Integer> kept = new RefreshingCache<>(10);

    @Test
    void missingValueIsComputedByEveryCaller() {
        assertEquals(Optional.empty(), kept.get("a"));
        assertEquals(Optional.empty(), kept.get("a"));
    }

    @Test
    void anAnswerIsKeptForItsLifetime() {
        kept.put("a", 1, LONG);
        assertEquals(Optional.of(1), kept.get("a"));
        assertEquals(Optional.of(1), kept.get("a"));
        assertEquals(Optional.empty(), kept.get("b"));
    }

    @Test
    void anAnswerOfLongAgoIsForgotten() throws InterruptedException {
        kept.put("a", 1, GONE);
        Thread.sleep(1);
        assertEquals(Optional.empty(), kept.get("a"));
        assertEquals(Optional.empty(), kept.get("a"), "it is not given to others either");
    }

    @Test
    void anOldAnswerIsAskedAnewByOneOfAll() throws Exception {
        kept.put("a", 1, Duration.ofSeconds(1));
        Thread.sleep(1100);
        var start = new CountDownLatch(1);
        var given = new ArrayList<Optional<Integer>>();
        try (var all = Executors.newFixedThreadPool(16)) {
            var asked = IntStream.range(0, 16)
                    .mapToObj(i -> all.submit(() -> {
                        start.await();
                        return kept.get("a");
                    }))
                    .toList();
            start.countDown();
            for (var one : asked) {
                given.add(one.get());
            }
        }
        assertEquals(1, Collections.frequency(given, Optional.empty()));
        assertEquals(15, Collections.frequency(given, Optional.of(1)));
        kept.put("a", 2, LONG);
        assertEquals(Optional.of(2), kept.get("a"));
    }
}
