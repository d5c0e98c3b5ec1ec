package dev.narthex.catalog.support;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Starts several tasks at the same moment, each in its own thread. */
public final class ParallelRunner {
    public interface Part<T> {
        public T run() throws Exception;
    }

    private ParallelRunner() {}

    public static <T> List<T> run(List<Part<T>> parts) throws Exception {
        var start = new CyclicBarrier(parts.size());
        try (var threads = Executors.newFixedThreadPool(parts.size())) {
            var running = new ArrayList<Future<T>>();
            for (var part : parts) {
                running.add(threads.submit(() -> {
                    start.await();
                    return part.run();
                }));
            }
            var answers = new ArrayList<T>();
            for (var each : running) {
                answers.add(each.get());
            }
            return answers;
        }
    }
}
