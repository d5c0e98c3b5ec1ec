package dev.narthex.catalog.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CoalescingReaderTest {
    @Test
    void callersGetOnlyReadsThatBeganAfterTheirCall() throws InterruptedException {
        var now = new AtomicInteger();
        var rounds = new CoalescingReader<>(() -> {
            int began = now.get();
            Thread.yield();
            return began;
        });
        var late = new ConcurrentLinkedQueue<String>();
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < 16; t++) {
            threads.add(Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 2000; i++) {
                    int asked = now.incrementAndGet();
                    int answer = i % 2 == 0
                            ? rounds.read()
                            : rounds.read(Thread::startVirtualThread)
                                    .toCompletableFuture()
                                    .join();
                    if (answer < asked) {
                        late.add(answer + " for what was asked at " + asked);
                    }
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertEquals("[]", late.toString());
    }

    @Test
    void callersDuringAReadShareTheNextRead() throws InterruptedException {
        var reads = new AtomicInteger();
        var reading = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var rounds = new CoalescingReader<>(() -> {
            reading.countDown();
            await(go);
            return reads.incrementAndGet();
        });
        var answers = new ConcurrentLinkedQueue<Integer>();
        var threads = new ArrayList<Thread>();
        threads.add(Thread.ofVirtual().start(() -> answers.add(rounds.read())));
        reading.await();
        for (int i = 0; i < 9; i++) {
            var thread = Thread.ofVirtual().start(() -> answers.add(rounds.read()));
            threads.add(thread);
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
        go.countDown();
        for (var thread : threads) {
            thread.join();
        }
        assertEquals(10, answers.size());
        assertEquals(2, reads.get());
    }

    @Test
    void failureIsReportedToTheCallersOfOneRead() {
        var times = new AtomicInteger();
        var rounds = new CoalescingReader<>(() -> {
            if (times.incrementAndGet() == 1) {
                throw new IllegalStateException("gone");
            }
            return "here";
        });
        assertTrue(assertThrows(IllegalStateException.class, rounds::read)
                .getMessage()
                .contains("gone"));
        assertEquals("here", rounds.read());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
