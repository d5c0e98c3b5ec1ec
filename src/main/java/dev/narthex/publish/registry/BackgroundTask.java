package dev.narthex.publish.registry;

import dev.narthex.limits.CpuPermits;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A task on another thread whose result can be awaited. */
final class BackgroundTask<T> {
    private final FutureTask<T> task;

    private BackgroundTask(Callable<T> work) {
        this.task = new FutureTask<>(work);
    }

    /** @param name of the thread */
    static <T> BackgroundTask<T> start(String name, Callable<T> work) {
        var background = new BackgroundTask<>(work);
        Thread.ofVirtual().name(name).start(background.task);
        return background;
    }

    /**
     * Waits for the result. Can be called more than once.
     *
     * @throws IOException as thrown by the task, or if this thread is interrupted
     */
    T awaitResult() throws IOException {
        if (!task.isDone()) {
            // The task may need the CPU permit that this thread holds.
            CpuPermits.whileWaiting(this::get);
        }
        return get();
    }

    private T get() throws IOException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("while something was waited for").initCause(e);
        }
    }
}
