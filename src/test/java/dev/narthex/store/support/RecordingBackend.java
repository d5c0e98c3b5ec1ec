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
    private static final AtomicReference<Queue<Call>> HEARD = new AtomicReference<>();

    private final Backend backend;

    @Inject
    RecordingBackend(@Delegate @Any Backend backend) {
        this.backend = backend;
    }

    /** @param bytes written, zero for what writes none */
    private record Call(String what, long bytes) {}

    /**
     * @param names in order. How often a pack is written to depends on where its bytes are cut, so that is not told apart
     * @param written bytes
     */
    public record Heard(List<String> names, long written) {}

    /** The backend calls of HTTP requests during the call. */
    public static Heard ofRequests(Runnable act) {
        var heard = new ConcurrentLinkedQueue<Call>();
        HEARD.set(heard);
        try {
            act.run();
        } finally {
            HEARD.set(null);
        }
        var names = heard.stream().map(Call::what).filter(what -> !what.equals("write"));
        return new Heard(names.toList(), heard.stream().mapToLong(Call::bytes).sum());
    }

    private static void note(String what, long bytes) {
        var heard = HEARD.get();
        if (heard != null && RecordingDriver.answersRequest()) {
            heard.add(new Call(what, bytes));
        }
    }

    @Override
    public Writer openWriter(StoreKey key) throws IOException {
        note("begin", 0);
        var writer = backend.openWriter(key);
        return new Writer() {
            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                note("write", count);
                writer.write(bytes, from, count);
            }

            @Override
            public void commit() throws IOException {
                note("commit", 0);
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
        note("open", 0);
        return backend.open(key, from, count);
    }

    @Override
    public OptionalLong size(StoreKey key) throws IOException {
        note("size", 0);
        return backend.size(key);
    }

    @Override
    public void delete(StoreKey key) throws IOException {
        note("delete", 0);
        backend.delete(key);
    }
}
