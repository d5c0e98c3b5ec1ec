package dev.narthex.catalog.change;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Combines concurrent reads. A caller never gets the result of a read that started before its call; callers that arrive during a
 * read share the next one. So results include everything committed before the call, and at most one read runs at a time.
 *
 * <p>If the last read had several callers, the next one waits 50 microseconds for more: a read costs far more than a waiting
 * caller. A single caller does not wait.
 */
final class CoalescingReader<T> {
    private static final int MANY = 3;
    private static final long LONGER_NANOS = 50_000;

    private final Supplier<T> source;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock door = new ReentrantLock();
    private @Nullable CompletableFuture<T> next;
    private int asking;
    private volatile int askedLast;

    CoalescingReader(Supplier<T> source) {
        this.source = source;
    }

    T read() {
        try {
            return join(Runnable::run).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException fault ? fault : e;
        }
    }

    /**
     * Returns the result without blocking the caller.
     *
     * @param reader runs the read
     */
    CompletionStage<T> read(Executor reader) {
        return join(reader);
    }

    private CompletableFuture<T> join(Executor reader) {
        CompletableFuture<T> round;
        boolean leads;
        door.lock();
        try {
            var open = next;
            leads = open == null;
            round = open == null ? new CompletableFuture<>() : open;
            next = round;
            asking++;
        } finally {
            door.unlock();
        }
        if (leads) {
            reader.execute(() -> runRead(round));
        }
        return round;
    }

    private void runRead(CompletableFuture<T> round) {
        reading.lock();
        try {
            if (askedLast >= MANY) {
                LockSupport.parkNanos(LONGER_NANOS);
            }
            close();
            round.complete(source.get());
        } catch (RuntimeException | Error e) {
            round.completeExceptionally(e);
        } finally {
            reading.unlock();
        }
    }

    /** Closes the round; later callers share the next one. */
    private void close() {
        door.lock();
        try {
            next = null;
            askedLast = asking;
            asking = 0;
        } finally {
            door.unlock();
        }
    }
}
