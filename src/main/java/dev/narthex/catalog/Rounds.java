package dev.narthex.catalog;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One read for all who ask at the same time. Nobody gets an answer whose reading began before he asked: whoever comes while
 * one round is reading waits for the next. So what was committed before the question is in the answer, and however many ask,
 * at most one read is under way.
 */
final class Rounds<T> {
    private final Supplier<T> source;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock door = new ReentrantLock();
    private @Nullable CompletableFuture<T> next;

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
        } finally {
            door.unlock();
        }
    }
}
