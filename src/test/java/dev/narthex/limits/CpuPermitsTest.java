package dev.narthex.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.limits.CpuPermits.BusyPolicy;
import dev.narthex.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CpuPermitsTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final CpuPermits permits = new CpuPermits(2);

    private static <T> FutureTask<T> start(Callable<T> work) {
        var task = new FutureTask<>(work);
        Thread.startVirtualThread(task);
        return task;
    }

    private void awaitWaiters(int count) throws InterruptedException {
        while (permits.waiters() < count) {
            Thread.sleep(1);
        }
    }

    /** Holds both permits, each on its own thread, until it is closed. */
    private final class AllHeld implements AutoCloseable {
        private final CountDownLatch end = new CountDownLatch(1);
        private final List<FutureTask<Void>> holders;

        AllHeld() throws InterruptedException {
            var held = new CountDownLatch(2);
            holders = Stream.of("x", "y")
                    .map(caller -> start(() -> {
                        try (var _ = permits.acquireWithin(caller, LONG)) {
                            held.countDown();
                            end.await();
                        }
                        return (Void) null;
                    }))
                    .toList();
            held.await();
        }

        @Override
        public void close() throws Exception {
            end.countDown();
            for (var holder : holders) {
                holder.get();
            }
        }
    }

    @Test
    void concurrentThreadsAreLimited() throws Exception {
        var working = new AtomicInteger();
        var most = new AtomicInteger();
        var tasks = new ArrayList<FutureTask<?>>();
        for (int task = 0; task < 20; task++) {
            tasks.add(start(() -> {
                try (var in = permits.bound(new ByteArrayInputStream(new byte[100]), "a", BusyPolicy.WAIT)) {
                    assertTrue(in.read() >= 0);
                    most.accumulateAndGet(working.incrementAndGet(), Math::max);
                    LockSupport.parkNanos(1_000_000);
                    working.decrementAndGet();
                }
                return null;
            }));
        }
        for (var task : tasks) {
            task.get();
        }
        assertEquals(2, most.get());
        assertEquals(2, permits.freePermits());
    }

    @Test
    void permitIsReleasedWhileAReaderWaitsForBytes() throws Exception {
        var sender = new PipedOutputStream();
        var body = new PipedInputStream(sender);
        var reader = start(() -> {
            try (var in = permits.bound(body, "slow", BusyPolicy.WAIT)) {
                int first = in.read();
                return first + in.read();
            }
        });
        sender.write(1);
        try (var _ = new AllHeld()) {
            assertEquals(0, permits.freePermits());
        }
        sender.write(2);
        assertEquals(3, reader.get());
        assertEquals(2, permits.freePermits());
    }

    @Test
    void permitIsReleasedAtEndCloseAndFailure() throws IOException {
        var in = permits.bound(new ByteArrayInputStream(new byte[1]), "a", BusyPolicy.WAIT);
        in.read();
        assertEquals(1, permits.freePermits());
        in.read();
        assertEquals(2, permits.freePermits());
        var failing = permits.bound(
                new ByteArrayInputStream(new byte[2]) {
                    @Override
                    public synchronized int read(byte[] bytes, int offset, int length) {
                        if (pos == 1) {
                            throw new IllegalStateException("broken");
                        }
                        return super.read(bytes, offset, length);
                    }
                },
                "a",
                BusyPolicy.WAIT);
        failing.read();
        assertThrows(IllegalStateException.class, failing::read);
        assertEquals(2, permits.freePermits());
    }

    @Test
    void threadThatReadsTwoStreamsHoldsOnePermit() throws IOException {
        try (var first = permits.bound(new ByteArrayInputStream(new byte[9]), "a", BusyPolicy.WAIT);
                var second = permits.bound(new ByteArrayInputStream(new byte[9]), "a", BusyPolicy.WAIT)) {
            first.read();
            second.read();
            assertEquals(1, permits.freePermits());
            first.read();
            assertEquals(1, permits.freePermits());
        }
        assertEquals(2, permits.freePermits());
    }

    @Test
    void waitingThreadLendsItsPermit() throws IOException {
        try (var in = permits.bound(new ByteArrayInputStream(new byte[9]), "a", BusyPolicy.WAIT)) {
            in.read();
            CpuPermits.whileWaiting(() -> assertEquals(2, permits.freePermits()));
            assertEquals(1, permits.freePermits());
        }
    }

    @Test
    void permitsAreSharedFairlyBetweenCallers() throws Exception {
        var one = new CpuPermits(1);
        var order = new CopyOnWriteArrayList<String>();
        var tasks = new ArrayList<FutureTask<?>>();
        try (var _ = one.acquire("x")) {
            for (var caller : List.of("a", "a", "a", "b", "a", "c")) {
                int before = one.waiters();
                tasks.add(start(() -> {
                    try (var _ = one.acquire(caller)) {
                        order.add(caller);
                    }
                    return null;
                }));
                while (one.waiters() == before) {
                    Thread.sleep(1);
                }
            }
        }
        for (var task : tasks) {
            task.get();
        }
        assertEquals(List.of("a", "b", "c", "a", "a", "a"), order);
    }

    @Test
    void requestOverTheLimitIsRefusedUnlessItMayWait() throws Exception {
        var begun = permits.bound(new ByteArrayInputStream(new byte[9]), "begun", BusyPolicy.REFUSE);
        begun.read();
        var tasks = new ArrayList<FutureTask<?>>();
        CpuPermits.whileWaiting(() -> {
            try (var _ = new AllHeld()) {
                for (int waiter = 0; waiter < CpuPermits.MAX_WAITING; waiter++) {
                    tasks.add(start(() -> {
                        permits.acquire("z").close();
                        return null;
                    }));
                }
                awaitWaiters(CpuPermits.MAX_WAITING);
                var refused = assertThrows(ProblemException.class, () -> permits.acquire("z"));
                assertEquals(503, refused.problem().status());
                assertTrue(refused.problem().retryAfter().isPresent());
                tasks.add(start(() -> {
                    try (var in = permits.bound(new ByteArrayInputStream(new byte[1]), "nix", BusyPolicy.WAIT)) {
                        return in.read();
                    }
                }));
                awaitWaiters(CpuPermits.MAX_WAITING + 1);
            } catch (Exception e) {
                throw new IOException(e);
            }
        });
        // a stream that has started is not refused, however many threads wait
        begun.read();
        begun.close();
        for (var task : tasks) {
            task.get();
        }
        assertEquals(2, permits.freePermits());
        assertEquals(0, permits.waiters());
    }

    @Test
    void waiterProceedsWithoutAPermitAfterTheTimeout() throws Exception {
        try (var _ = new AllHeld()) {
            permits.acquireWithin("z", Duration.ofMillis(1)).close();
            assertEquals(0, permits.freePermits());
            assertEquals(0, permits.waiters());
        }
        assertEquals(2, permits.freePermits());
    }

    @Test
    void interruptedWaiterReleasesItsPlace() throws Exception {
        var ended = new CountDownLatch(1);
        try (var _ = new AllHeld()) {
            var waiter = Thread.startVirtualThread(() -> {
                assertThrows(IOException.class, () -> permits.acquire("z"));
                ended.countDown();
            });
            awaitWaiters(1);
            waiter.interrupt();
            ended.await();
            assertEquals(0, permits.waiters());
        }
        assertEquals(2, permits.freePermits());
    }
}
