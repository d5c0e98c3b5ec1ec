package dev.narthex.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.problem.ProblemException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DecoderMemoryTest {
    private static final int MIB = 1 << 20;

    @Test
    void decodersShareTheBudget() {
        var memory = new DecoderMemory(10 * MIB, Duration.ofMillis(1));
        try (var first = memory.share();
                var second = memory.share()) {
            first.acquire(6 * MIB);
            assertEquals(503, refusal(second, 5 * MIB).problem().status());
            second.acquire(4 * MIB);
            first.release(6 * MIB);
            second.acquire(6 * MIB);
        }
        memory.share().acquire(10 * MIB);
    }

    @Test
    void requestOverTheTotalIsRefused() {
        var memory = new DecoderMemory(10 * MIB, Duration.ofMinutes(10));
        try (var share = memory.share()) {
            assertEquals(413, refusal(share, 11 * MIB).problem().status());
        }
    }

    @Test
    void waitingDecoderHoldsNoPermit() throws Exception {
        var memory = new DecoderMemory(10 * MIB, Duration.ofMinutes(1));
        var permits = new CpuPermits(1);
        var taken = new CountDownLatch(1);
        var first = memory.share();
        first.acquire(10 * MIB);
        var second = Thread.startVirtualThread(() -> {
            try (var _ = permits.acquireWithin("a", Duration.ofMinutes(1));
                    var share = memory.share()) {
                share.acquire(MIB);
                taken.countDown();
            }
        });
        while (memory.waiters() == 0 || permits.freePermits() == 0) {
            Thread.sleep(1);
        }
        first.close();
        taken.await();
        second.join();
    }

    private static ProblemException refusal(DecoderMemory.MemoryShare share, long bytes) {
        return assertThrows(ProblemException.class, () -> share.acquire(bytes));
    }
}
