package dev.narthex.web.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TimeBudgetTest {
    private final AtomicLong clock = new AtomicLong();
    private final TimeBudget time = new TimeBudget(clock::get, 0.2, Duration.ofNanos(100));

    @Test
    void spentTimeIsRefilledByItsShare() {
        time.spend(100);
        assertFalse(time.isLeft());
        clock.addAndGet(1);
        assertTrue(time.isLeft());
    }

    @Test
    void overdraftDelaysTheRefill() {
        time.spend(140);
        clock.addAndGet(199);
        assertFalse(time.isLeft());
        clock.addAndGet(2);
        assertTrue(time.isLeft());
    }

    @Test
    void savedTimeIsCapped() {
        clock.addAndGet(1_000_000);
        time.spend(100);
        assertFalse(time.isLeft());
    }

    /** Long-term use stays within the share for any arrival pattern. */
    @Test
    void longTermUseStaysWithinTheShare() {
        long spent = 0;
        for (int i = 0; i < 10_000; i++) {
            clock.addAndGet(7);
            if (time.isLeft()) {
                time.spend(3 + i % 11);
                spent += 3 + i % 11;
            }
        }
        assertEquals(0.2, (double) (spent - 100) / clock.get(), 0.002);
    }
}
