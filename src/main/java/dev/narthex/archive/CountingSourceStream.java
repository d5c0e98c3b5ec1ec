package dev.narthex.archive;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * The stored bytes below a decoder. Counts them and records whether reading them failed. A decoder throws IOException both for
 * bad input and for a storage failure, but only the storage failure may propagate from a recognizer.
 */
public final class CountingSourceStream extends FilterInputStream {
    private long count;
    private boolean failed;
    private boolean finished;

    public CountingSourceStream(InputStream in) {
        super(in);
    }

    /** Decodes stored bytes. */
    @FunctionalInterface
    public interface Reader<T> {
        /** @return empty if the bytes do not contain it */
        Optional<T> read(CountingSourceStream stored) throws IOException;
    }

    /**
     * Decodes a file and closes the stream.
     *
     * @return empty also if the content is malformed
     * @throws IOException if the stored bytes cannot be read, which says nothing about their content
     */
    public static <T> Optional<T> read(InputStream file, Reader<T> reader) throws IOException {
        try (var stored = new CountingSourceStream(file)) {
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

    /** Number of bytes read so far. */
    public long count() {
        return count;
    }

    /** Whether reading the stored bytes failed, even if the decoder hid the exception. */
    public boolean failed() {
        return failed;
    }

    @Override
    public int read() throws IOException {
        var singleByte = new byte[1];
        return read(singleByte, 0, 1) < 0 ? -1 : singleByte[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        try {
            int n = in.read(b, off, len);
            count += Math.max(n, 0);
            finished |= n < 0;
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

    /** Not zero before the end: GZIPInputStream interprets zero as "no further member follows". */
    @Override
    public int available() {
        return finished ? 0 : 1;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
