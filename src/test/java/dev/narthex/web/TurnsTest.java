package dev.narthex.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnsTest {
    private final Turns turns = new Turns(2);
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    @Test
    void fewAreMadeAtOnce() throws InterruptedException {
        var readers = new ArrayList<Thread>();
        for (int reader = 0; reader < 20; reader++) {
            readers.add(Thread.startVirtualThread(this::page));
        }
        for (var reader : readers) {
            reader.join();
        }
        assertEquals(0, made.get());
        assertTrue(most.get() <= 4, most::toString);
    }

    private void page() {
        try (var _ = turns.take()) {
            most.accumulateAndGet(made.incrementAndGet(), Math::max);
            Thread.onSpinWait();
            made.decrementAndGet();
        }
    }

    @Test
    void nobodyWaitsForThoseThatWaitForSomethingElse() throws InterruptedException {
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
