package dev.narthex.archive;

import dev.narthex.stream.BlockFilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * The stored bytes below a decoder. Counts them and records whether reading them failed. A decoder throws IOException both for
 * bad input and for a storage failure, but only the storage failure may propagate from a recognizer.
 */
public final class CountingSourceStream extends BlockFilterInputStream {
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

    /** Not zero before the end: GZIPInputStream interprets zero as "no further member follows". */
    @Override
    public int available() {
        return finished ? 0 : 1;
    }
}
