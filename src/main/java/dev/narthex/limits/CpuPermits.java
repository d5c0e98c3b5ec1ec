package dev.narthex.limits;

import dev.narthex.problem.Problem;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many threads process callers' input concurrently: parsing, decompressing, compressing or hashing it. Thread-safe.
 *
 * <p><b>Why.</b> Requests run on virtual threads, and the JVM does not time-slice those: a virtual thread keeps its carrier
 * until it blocks. As many CPU-bound requests as there are carriers would stop every other request, and by default there are as
 * many carriers as processors. Two measures together prevent that:
 *
 * <ol>
 *   <li>{@link #useMoreCarriers()}: more carriers than processors. Carriers are operating system threads, which are time-sliced, so
 *       a short request gets its share of the processors however many long ones run.
 *   <li>Permits: fewer than carriers, so that CPU-bound work never occupies all of them.
 * </ol>
 *
 * <p><b>How long a permit is held.</b> For a block of work, not for a request. Work on callers' input is always a loop that
 * reads a stream, so permits are acquired and released by the stream ({@link CpuBoundInput}): the thread holds one from when it
 * has bytes until it has to wait for more, but never while it waits for a client. After {@link #SLICE} it passes its permit to
 * the next waiter and queues again. {@code http.RequestBodyFilter} does this for the body of every request, including those
 * of plugins, and {@code publish.registry.UploadSpool} for uploaded files that are read again. Code that waits for anything else
 * in between, such as an upload to S3 or a slow reader of the response, does so in {@link #whileWaiting}.
 *
 * <p><b>Fairness.</b> Callers, distinguished by address, take turns; requests of one caller are served in order. A caller with
 * a hundred requests is served no more often than a caller with a single request.
 *
 * <p><b>Overload.</b> At most {@link #MAX_WAITING} requests wait to start, for at most {@link #MAX_WAIT}; further ones are
 * refused with 503 and Retry-After. A request that has started is never refused: its blocks wait as long as needed. Requests of
 * clients that give up on a 503, such as uploads by nix, always wait to start ({@code http.CpuBoundRoutes} lists them).
 *
 * <p>A thread holds at most one permit, and a permit holder never waits for something that needs a permit itself, so there is
 * no deadlock. A pool of platform threads would achieve the same, but every block of every upload would have to be passed to
 * another thread.
 */
@Singleton
public final class CpuPermits {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    /** Maximum number of requests that wait to start; more are refused. */
    static final int MAX_WAITING = 64;

    static final Duration MAX_WAIT = Duration.ofSeconds(30);

    /** A block of work that has taken longer than this ends at the next read. */
    static final Duration SLICE = Duration.ofMillis(20);

    private static final int RETRY_SECONDS = 5;
    private static final int MIN_CARRIERS = 16;
    private static final int CARRIERS_PER_PROCESSOR = 8;
    private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

    private static final ThreadLocal<Permit> CURRENT = new ThreadLocal<>();

    private final ReentrantLock lock = new ReentrantLock();

    /** Waiters by caller. The first caller is served next and then moves to the end. */
    private final Map<String, Deque<Waiter>> waiting = new LinkedHashMap<>();

    private int freePermits;
    private int waiters;

    @Inject
    CpuPermits() {
        this(2 * PROCESSORS);
    }

    public CpuPermits(int permits) {
        this.freePermits = permits;
    }

    /** Must be called before the first virtual thread starts. Keeps a value that the administrator has set. */
    public static void useMoreCarriers() {
        if (System.getProperty(CARRIERS) == null) {
            System.setProperty(CARRIERS, Integer.toString(Math.max(MIN_CARRIERS, CARRIERS_PER_PROCESSOR * PROCESSORS)));
        }
    }

    /** How to respond to a request while {@link #MAX_WAITING} others wait. */
    public enum BusyPolicy {
        /** 503 with Retry-After. */
        REFUSE,
        /** Wait, too. */
        WAIT
    }

    /** Work that may throw an IOException. */
    @FunctionalInterface
    public interface BlockingWork {
        void run() throws IOException;
    }

    /**
     * Returns a stream whose reader holds a permit from when it has bytes until it has to wait for more. Not thread-safe.
     *
     * @param caller address of the client; empty for the server itself
     */
    public CpuBoundInput bound(InputStream in, String caller, BusyPolicy whenBusy) {
        return new CpuBoundInput(in, new Permit(caller, whenBusy));
    }

    /**
     * Acquires a permit for a block of work that reads no stream. The caller closes it after the work.
     *
     * @param caller as for {@link #bound}
     * @throws dev.narthex.problem.ProblemException Unavailable if the server is too busy
     */
    public HeldPermit acquire(String caller) throws IOException {
        var permit = new Permit(caller, BusyPolicy.REFUSE);
        permit.acquire();
        return permit::giveBack;
    }

    /**
     * Like {@link #acquire}, but returns without a permit after some time, for short work that should rather be late than
     * refused.
     *
     * @param longest maximum time to wait
     */
    public HeldPermit acquireWithin(String caller, Duration longest) {
        var permit = new Permit(caller, BusyPolicy.WAIT);
        permit.takeWithin(longest);
        return permit::giveBack;
    }

    /** A permit. Must be closed on the thread that acquired it. */
    public interface HeldPermit extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Releases this thread's permit, if it holds one, while it waits for something other than its input, and acquires it again.
     */
    public static void whileWaiting(BlockingWork wait) throws IOException {
        var permit = CURRENT.get();
        if (permit == null) {
            wait.run();
            return;
        }
        permit.giveBack();
        try {
            wait.run();
        } finally {
            permit.acquire();
        }
    }

    /** Number of free permits. */
    int freePermits() {
        lock.lock();
        try {
            return freePermits;
        } finally {
            lock.unlock();
        }
    }

    /** Number of waiting threads. */
    int waiters() {
        lock.lock();
        try {
            return waiters;
        } finally {
            lock.unlock();
        }
    }

    private static final class Waiter {
        private final CountDownLatch granted = new CountDownLatch(1);
    }

    /** The permit of one stream or block of work. Not thread-safe. */
    final class Permit {
        private final BusyPolicy whenBusy;
        private final String caller;
        private boolean active;
        private boolean acquired;
        private long startedAt;

        private Permit(String caller, BusyPolicy whenBusy) {
            this.caller = caller;
            this.whenBusy = whenBusy;
        }

        boolean isHeld() {
            return acquired;
        }

        /**
         * Waits for a permit. A permit that this thread holds for another stream is released, because it is not processing that
         * stream now.
         */
        void acquire() throws IOException {
            var other = CURRENT.get();
            if (other != null) {
                other.giveBack();
            }
            boolean refusable = whenBusy == BusyPolicy.REFUSE && !active;
            try {
                acquired = request(caller, refusable, refusable ? MAX_WAIT : Duration.ofDays(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("while waiting for a processor").initCause(e);
            }
            if (!acquired) {
                throw Problem.unavailable(
                        "The server is busy with other requests. Nothing was changed; try again later.", RETRY_SECONDS);
            }
            took();
        }

        private void takeWithin(Duration longest) {
            try {
                acquired = request(caller, false, longest);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (acquired) {
                took();
            }
        }

        private void took() {
            active = true;
            startedAt = System.nanoTime();
            CURRENT.set(this);
        }

        void giveBack() {
            if (acquired) {
                acquired = false;
                CURRENT.remove();
                release();
            }
        }

        /** Passes the permit to the next waiter if this block of work has lasted longer than {@link #SLICE}. */
        void endSlice() throws IOException {
            if (acquired && System.nanoTime() - startedAt > SLICE.toNanos()) {
                giveBack();
                acquire();
            }
        }
    }

    /**
     * Waits for a permit.
     *
     * @param refusable whether to give up immediately if too many others wait
     * @param longest maximum time to wait
     * @return whether it was granted
     */
    private boolean request(String caller, boolean refusable, Duration longest) throws InterruptedException {
        Waiter waiter;
        lock.lock();
        try {
            if (freePermits > 0) {
                freePermits--;
                return true;
            }
            if (refusable && waiters >= MAX_WAITING) {
                return false;
            }
            waiter = new Waiter();
            waiting.computeIfAbsent(caller, c -> new ArrayDeque<>()).addLast(waiter);
            waiters++;
        } finally {
            lock.unlock();
        }
        try {
            // a permit may be granted at the moment of giving up
            return waiter.granted.await(longest.toNanos(), TimeUnit.NANOSECONDS) || !leave(caller, waiter);
        } catch (InterruptedException e) {
            if (!leave(caller, waiter)) {
                release();
            }
            throw e;
        }
    }

    /** @return whether it was still waiting */
    private boolean leave(String caller, Waiter waiter) {
        lock.lock();
        try {
            var own = waiting.get(caller);
            if (own == null || !own.remove(waiter)) {
                return false;
            }
            waiters--;
            if (own.isEmpty()) {
                waiting.remove(caller);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void release() {
        lock.lock();
        try {
            var next = next();
            if (next == null) {
                freePermits++;
            } else {
                next.granted.countDown();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Removes the next waiter from the queue and moves its caller to the end. */
    private @Nullable Waiter next() {
        var callers = waiting.entrySet().iterator();
        if (!callers.hasNext()) {
            return null;
        }
        var first = callers.next();
        callers.remove();
        var next = first.getValue().removeFirst();
        if (!first.getValue().isEmpty()) {
            waiting.put(first.getKey(), first.getValue());
        }
        waiters--;
        return next;
    }
}
