package dev.narthex.store.support;

import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.StoreKey;
import jakarta.annotation.Priority;
import jakarta.decorator.Decorator;
import jakarta.decorator.Delegate;
import jakarta.enterprise.inject.Any;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/** Records the calls of request threads to the backend. */
@Decorator
@Priority(1)
public abstract class RecordingBackend implements Backend {
    private static final AtomicReference<Queue<Call>> REQUEST_CALLS = new AtomicReference<>();

    private final Backend backend;

    @Inject
    RecordingBackend(@Delegate @Any Backend backend) {
        this.backend = backend;
    }

    /** @param bytes number of bytes written; 0 for other calls */
    private record Call(String name, long bytes) {}

    /**
     * @param names names of the calls in order, without writes, because their number depends on chunk boundaries
     * @param written number of bytes written
     */
    public record RecordedCalls(List<String> names, long written) {}

    /** Returns the backend calls of HTTP requests during the action. */
    public static RecordedCalls ofRequests(Runnable action) {
        var calls = new ConcurrentLinkedQueue<Call>();
        REQUEST_CALLS.set(calls);
        try {
            action.run();
        } finally {
            REQUEST_CALLS.set(null);
        }
        var names = calls.stream().map(Call::name).filter(name -> !name.equals("write"));
        return new RecordedCalls(
                names.toList(), calls.stream().mapToLong(Call::bytes).sum());
    }

    private static void recordCall(String name, long bytes) {
        var calls = REQUEST_CALLS.get();
        if (calls != null && RecordingDriver.answersRequest()) {
            calls.add(new Call(name, bytes));
        }
    }

    @Override
    public Writer openWriter(StoreKey key) throws IOException {
        recordCall("begin", 0);
        var writer = backend.openWriter(key);
        return new Writer() {
            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                recordCall("write", count);
                writer.write(bytes, from, count);
            }

            @Override
            public void commit() throws IOException {
                recordCall("commit", 0);
                writer.commit();
            }

            @Override
            public void close() throws IOException {
                writer.close();
            }
        };
    }

    @Override
    public InputStream open(StoreKey key, long from, long count) throws IOException {
        recordCall("open", 0);
        return backend.open(key, from, count);
    }

    @Override
    public OptionalLong size(StoreKey key) throws IOException {
        recordCall("size", 0);
        return backend.size(key);
    }

    @Override
    public void delete(StoreKey key) throws IOException {
        recordCall("delete", 0);
        backend.delete(key);
    }
}
