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
 * Limits how many threads work on callers' input at once: parse, decompress, compress or hash it.
 *
 * <p><b>Why.</b> Requests run on virtual threads, and the JVM does not time-slice those: a virtual thread keeps its carrier until
 * it blocks. As many CPU-bound requests as there are carriers would stop every other request, and by default there are as many
 * carriers as processors. Two things together prevent that:
 *
 * <ol>
 *   <li>{@link #useMoreCarriers()}: more carriers than processors. They are threads of the operating system, which does time-slice
 *       them, so a short request gets its share of the processors however many long ones run.
 *   <li>Permits: fewer than carriers, so that CPU-bound work never occupies all of them.
 * </ol>
 *
 * <p><b>How long a permit is held.</b> For a block of work, not for a request. Work on callers' input is always a loop that reads a
 * stream, so the stream is where permits are taken and given back ({@link CpuBoundInput}): the thread holds one from when it has
 * bytes until it has to wait for more. It never holds one while it waits for a client. After {@link #SLICE} it gives its permit to
 * the next waiter and queues again. {@code content.RequestBodyFilter} does this for the body of every request, also those of
 * plugins, and {@code publish.Spool} for uploaded files that are read again. Code that waits for anything else in between, such as an upload to S3
 * or a slow reader of the answer, does so in {@link #whileWaiting}.
 *
 * <p><b>Who is next.</b> Callers, told apart by address, take turns; requests of one caller are served in order. A caller with a
 * hundred requests is served no more often than one with a single request.
 *
 * <p><b>Overload.</b> At most {@link #MAX_WAITING} requests wait to begin, for at most {@link #MAX_WAIT}; beyond that they are
 * answered 503 with Retry-After. A request that has begun is never refused: its blocks wait as long as needed. Requests of clients
 * that give up on a 503, such as uploads by nix, wait to begin, too ({@code content.CpuBoundRoutes} lists which).
 *
 * <p>A thread holds at most one permit, and nothing that a permit holder waits for takes a permit itself, so there is no deadlock.
 * A pool of platform threads would do the same at the price of handing every block of every upload to another thread.
 */
@Singleton
public final class CpuPermits {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    /** Requests that wait to begin; more are refused. */
    static final int MAX_WAITING = 64;

    static final Duration MAX_WAIT = Duration.ofSeconds(30);

    /** After this time a block of work ends. */
    static final Duration SLICE = Duration.ofMillis(20);

    private static final int RETRY_SECONDS = 5;
    private static final int MIN_CARRIERS = 16;
    private static final int CARRIERS_PER_PROCESSOR = 8;
    private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

    private static final ThreadLocal<Permit> CURRENT = new ThreadLocal<>();

    private final ReentrantLock lock = new ReentrantLock();

    /** By caller. The first caller is served next, and then moves to the end. */
    private final Map<String, Deque<Waiter>> waiting = new LinkedHashMap<>();

    private int free;
    private int waiters;

    @Inject
    CpuPermits() {
        this(2 * PROCESSORS);
    }

    public CpuPermits(int permits) {
        this.free = permits;
    }

    /** To be called before the first virtual thread starts. A value that was set by hand stays. */
    public static void useMoreCarriers() {
        if (System.getProperty(CARRIERS) == null) {
            System.setProperty(CARRIERS, Integer.toString(Math.max(MIN_CARRIERS, CARRIERS_PER_PROCESSOR * PROCESSORS)));
        }
    }

    /** The response to a request while {@link #MAX_WAITING} others wait. */
    public enum WhenBusy {
        /** 503 with Retry-After. */
        REFUSE,
        /** It waits, too. */
        WAIT
    }

    /** Work that may fail as reading and writing do. */
    @FunctionalInterface
    public interface Wait {
        void run() throws IOException;
    }

    /**
     * A stream whose reader holds a permit from when it has bytes until it has to wait for more. To be read by one thread.
     *
     * @param caller the address of the client, or empty for the server itself
     */
    public CpuBoundInput bound(InputStream in, String caller, WhenBusy whenBusy) {
        return new CpuBoundInput(in, new Permit(caller, whenBusy));
    }

    /**
     * A permit for a block of work that reads no stream, to be closed after it.
     *
     * @param caller as in {@link #bound}
     * @throws dev.narthex.problem.ProblemException Unavailable
     */
    public Held acquire(String caller) throws IOException {
        var permit = new Permit(caller, WhenBusy.REFUSE);
        permit.take();
        return permit::giveBack;
    }

    /** The same, but goes on without a permit after some time: for short work that should rather be late than refused. */
    public Held acquireWithin(String caller, Duration longest) {
        var permit = new Permit(caller, WhenBusy.WAIT);
        permit.takeWithin(longest);
        return permit::giveBack;
    }

    /** To be closed on the thread that acquired it. */
    public interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /** Gives back this thread's permit, if it holds one, for as long as it waits for something other than the input. */
    public static void whileWaiting(Wait wait) throws IOException {
        var permit = CURRENT.get();
        if (permit == null) {
            wait.run();
            return;
        }
        permit.giveBack();
        try {
            wait.run();
        } finally {
            permit.take();
        }
    }

    /** How many permits nobody holds. */
    int free() {
        lock.lock();
        try {
            return free;
        } finally {
            lock.unlock();
        }
    }

    /** How many threads wait for one. */
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

    /** The permit of one stream or block of work. Used by one thread at a time. */
    final class Permit {
        private final WhenBusy whenBusy;
        private final String caller;
        private boolean begun;
        private boolean held;
        private long since;

        private Permit(String caller, WhenBusy whenBusy) {
            this.caller = caller;
            this.whenBusy = whenBusy;
        }

        boolean held() {
            return held;
        }

        /** Waits for a permit. One that this thread holds for another stream is given back: it does not work on that one now. */
        void take() throws IOException {
            var other = CURRENT.get();
            if (other != null) {
                other.giveBack();
            }
            boolean refusable = whenBusy == WhenBusy.REFUSE && !begun;
            try {
                held = request(caller, refusable, refusable ? MAX_WAIT : Duration.ofDays(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("while waiting for a processor").initCause(e);
            }
            if (!held) {
                throw new Problem.Unavailable(
                                "The server is busy with other requests. Nothing was changed; send it again later.",
                                RETRY_SECONDS)
                        .asException();
            }
            took();
        }

        private void takeWithin(Duration longest) {
            try {
                held = request(caller, false, longest);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (held) {
                took();
            }
        }

        private void took() {
            begun = true;
            since = System.nanoTime();
            CURRENT.set(this);
        }

        void giveBack() {
            if (held) {
                held = false;
                CURRENT.remove();
                release();
            }
        }

        /** Lets the next waiter have the permit if this block of work has taken its time. */
        void endSlice() throws IOException {
            if (held && System.nanoTime() - since > SLICE.toNanos()) {
                giveBack();
                take();
            }
        }
    }

    /** @return whether it was granted */
    private boolean request(String caller, boolean refusable, Duration longest) throws InterruptedException {
        Waiter waiter;
        lock.lock();
        try {
            if (free > 0) {
                free--;
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
            // a permit may be granted in the moment of giving up
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
                free++;
            } else {
                next.granted.countDown();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next waiter out of the queue; its caller's others come after everybody else's. */
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
