package dev.narthex.store.support;

import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.StoreKey;
import dev.narthex.stream.BlockFilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A backend as seen by a process with a fault.
 *
 * @param number backend number that the application does not use, so that it ignores these objects
 */
public record FaultyBackend(Backend backend, int number, String name, InjectedFault fault) implements Backend {
    private <T> T executeOrFail(InjectedFault.Call<T, IOException> action) throws IOException {
        return fault.execute(
                action,
                () -> {
                    throw new IOException(fault.toString());
                },
                IOException::new);
    }

    @Override
    public String location() {
        return backend.location();
    }

    @Override
    public void check() throws IOException {
        backend.check();
    }

    @Override
    public Writer openWriter(StoreKey key) throws IOException {
        return executeOrFail(() -> new FaultyWriter(backend.openWriter(key)));
    }

    /** Writes half of the bytes if the fault occurs during a write. */
    private final class FaultyWriter implements Writer {
        private final Writer writer;

        FaultyWriter(Writer writer) {
            this.writer = writer;
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            fault.execute(
                    () -> {
                        writer.write(bytes, from, count);
                        return true;
                    },
                    () -> {
                        writer.write(bytes, from, count / 2);
                        throw new IOException(fault.toString());
                    },
                    IOException::new);
        }

        @Override
        public void commit() throws IOException {
            executeOrFail(() -> {
                writer.commit();
                return true;
            });
        }

        @Override
        public void close() throws IOException {
            executeOrFail(() -> {
                writer.close();
                return true;
            });
        }
    }

    @Override
    public InputStream open(StoreKey key, long from, long count) throws IOException {
        return fault.execute(
                () -> backend.open(key, from, count),
                () -> new TruncatedInputStream(backend.open(key, from, count), count / 2),
                IOException::new);
    }

    /** Fails after half of the bytes. */
    private static final class TruncatedInputStream extends BlockFilterInputStream {
        private long remaining;

        TruncatedInputStream(InputStream in, long remaining) {
            super(in);
            this.remaining = remaining;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            if (remaining == 0 && len > 0) {
                throw new IOException("the injected fault ends the stream");
            }
            int n = in.read(b, off, (int) Math.min(len, remaining));
            remaining -= Math.max(n, 0);
            return n;
        }

        @Override
        public long skip(long n) throws IOException {
            long skipped = in.skip(Math.min(n, remaining));
            remaining -= skipped;
            return skipped;
        }
    }

    @Override
    public OptionalLong size(StoreKey key) throws IOException {
        return executeOrFail(() -> backend.size(key));
    }

    @Override
    public void delete(StoreKey key) throws IOException {
        executeOrFail(() -> {
            backend.delete(key);
            return true;
        });
    }

    @Override
    public Optional<Path> file(StoreKey key) {
        return backend.file(key);
    }

    @Override
    public Optional<URI> presignedUrl(StoreKey key, Duration validity) {
        return backend.presignedUrl(key, validity);
    }

    @Override
    public boolean canRedirect() {
        return backend.canRedirect();
    }

    @Override
    public int deleteUnfinished(Duration age) throws IOException {
        return backend.deleteUnfinished(age);
    }

    @Override
    public Stream<BackendObject> list(String folder) throws IOException {
        return backend.list(folder);
    }

    @Override
    public Duration maxWriterPause() {
        return backend.maxWriterPause();
    }

    @Override
    public Duration maxWriteDelay() {
        return backend.maxWriteDelay();
    }
}
