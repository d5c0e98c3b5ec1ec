package dev.narthex.store.support;

import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.StoreKey;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A backend as a process sees it that meets a fault.
 *
 * @param number of its own: the application beside knows no such backend, and leaves alone what lies there
 */
public record FaultyBackend(Backend backend, int number, String name, InjectedFault fault) implements Backend {
    private <T> T call(InjectedFault.Call<T, IOException> whole) throws IOException {
        return fault.at(
                whole,
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
        return call(() -> new FaultyWriter(backend.openWriter(key)));
    }

    private final class FaultyWriter implements Writer {
        private final Writer writer;

        FaultyWriter(Writer writer) {
            this.writer = writer;
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            fault.at(
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
            call(() -> {
                writer.commit();
                return true;
            });
        }

        @Override
        public void close() throws IOException {
            call(() -> {
                writer.close();
                return true;
            });
        }
    }

    @Override
    public InputStream open(StoreKey key, long from, long count) throws IOException {
        return fault.at(
                () -> backend.open(key, from, count),
                () -> new BrokenInput(backend.open(key, from, count), count / 2),
                IOException::new);
    }

    /** Ends with a fault. */
    private static final class BrokenInput extends FilterInputStream {
        private long left;

        BrokenInput(InputStream in, long left) {
            super(in);
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            var singleByte = new byte[1];
            return read(singleByte, 0, 1) < 0 ? -1 : singleByte[0] & 255;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            if (left == 0 && len > 0) {
                throw new IOException("broke off");
            }
            int n = in.read(b, off, (int) Math.min(len, left));
            left -= Math.max(n, 0);
            return n;
        }

        @Override
        public long skip(long n) throws IOException {
            long skipped = in.skip(Math.min(n, left));
            left -= skipped;
            return skipped;
        }
    }

    @Override
    public OptionalLong size(StoreKey key) throws IOException {
        return call(() -> backend.size(key));
    }

    @Override
    public void delete(StoreKey key) throws IOException {
        call(() -> {
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
