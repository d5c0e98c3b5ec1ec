package dev.narthex.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnsTest {
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    @Test
    void fewAreMadeAtOnce() throws InterruptedException {
        var turns = new Turns(2, Duration.ofMinutes(1));
        var readers = new ArrayList<Thread>();
        for (int reader = 0; reader < 20; reader++) {
            readers.add(Thread.startVirtualThread(() -> page(turns)));
        }
        for (var reader : readers) {
            reader.join();
        }
        assertEquals(0, made.get());
        assertTrue(most.get() <= 4, most::toString);
    }

    /** Waits in between, so that all who are let in are in at once. */
    private void page(Turns turns) {
        try (var _ = turns.take()) {
            most.accumulateAndGet(made.incrementAndGet(), Math::max);
            LockSupport.parkNanos(1_000_000);
            made.decrementAndGet();
        }
    }

    @Test
    void nobodyWaitsForThoseThatWaitForSomethingElse() throws InterruptedException {
        var turns = new Turns(2, Duration.ofMillis(1));
        var end = new CountDownLatch(1);
        var slow = List.of(turns.take(), turns.take(), turns.take(), turns.take());
        var reader = Thread.startVirtualThread(() -> {
            try (var _ = turns.take()) {
                end.countDown();
            }
        });
        end.await();
        reader.join();
        slow.forEach(Turns.Turn::close);
    }
}
