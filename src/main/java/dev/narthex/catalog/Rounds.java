package dev.narthex.catalog;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One read for all who ask at the same time. Nobody gets an answer whose reading began before he asked: whoever comes while
 * one round is reading waits for the next. So what was committed before the question is in the answer, and however many ask,
 * at most one read is under way.
 *
 * <p>Where many ask, a round stands open a little longer before it reads. Each read costs far more than an asker, and those who
 * wait cost nothing; whoever asks alone does not wait.
 */
final class Rounds<T> {
    private static final int MANY = 3;
    private static final long LONGER_NANOS = 50_000;

    private final Supplier<T> source;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock door = new ReentrantLock();
    private @Nullable CompletableFuture<T> next;
    private int asking;
    private volatile int askedLast;

    Rounds(Supplier<T> source) {
        this.source = source;
    }

    T ask() {
        try {
            return join(Runnable::run).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException fault ? fault : e;
        }
    }

    /** For callers that must not wait; {@code reader} runs the reading. */
    CompletionStage<T> ask(Executor reader) {
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
            reader.execute(() -> lead(round));
        }
        return round;
    }

    private void lead(CompletableFuture<T> round) {
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

    /** From here on others open a round of their own. */
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
