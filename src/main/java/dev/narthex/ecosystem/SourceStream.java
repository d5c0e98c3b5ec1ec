package dev.narthex.ecosystem;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * The stored bytes under a decoder. Counts them, and remembers whether reading them failed: a decoder throws IOException for
 * bad input and for a broken store alike, and only the second is an exception to a recogniser.
 */
public final class SourceStream extends FilterInputStream {
    private long count;
    private boolean failed;
    private boolean ended;

    public SourceStream(InputStream in) {
        super(in);
    }

    /** Makes something of stored bytes. */
    @FunctionalInterface
    public interface Reader<T> {
        /** @return empty if it is not in them */
        Optional<T> read(SourceStream stored) throws IOException;
    }

    /**
     * What a file holds. The stream is closed.
     *
     * @return empty too if the reader cannot make sense of it
     * @throws IOException if the stored bytes cannot be read, which says nothing about them
     */
    public static <T> Optional<T> read(InputStream file, Reader<T> reader) throws IOException {
        try (var stored = new SourceStream(file)) {
            try {
                return reader.read(stored);
            } catch (IOException e) {
                if (stored.failed()) {
                    throw e;
                }
                return Optional.empty();
            }
        }
    }

    /** Bytes read so far. */
    public long count() {
        return count;
    }

    /** Whether the stored bytes could not be read, whatever a decoder made of it. */
    public boolean failed() {
        return failed;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        try {
            int n = in.read(b, off, len);
            count += Math.max(n, 0);
            ended |= n < 0;
            return n;
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    @Override
    public long skip(long n) throws IOException {
        long skipped = 0;
        var buffer = new byte[(int) Math.min(Math.max(n, 0), 8192)];
        while (skipped < n) {
            int read = read(buffer, 0, (int) Math.min(buffer.length, n - skipped));
            if (read < 0) {
                break;
            }
            skipped += read;
        }
        return skipped;
    }

    /** Not zero before the end: GZIPInputStream takes zero for "no further member follows". */
    @Override
    public int available() {
        return ended ? 0 : 1;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
