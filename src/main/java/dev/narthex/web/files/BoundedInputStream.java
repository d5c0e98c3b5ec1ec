package dev.narthex.web.files;

import dev.narthex.stream.BlockInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Limits a stream to its first bytes. Closing it closes the stream. */
final class BoundedInputStream extends BlockInputStream {
    private final InputStream in;
    private long remaining;

    BoundedInputStream(InputStream in, long count) {
        this.in = in;
        this.remaining = count;
    }

    /** Returns how many of the allowed bytes were not read. */
    long remainingBytes() {
        return remaining;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        if (remaining <= 0) {
            return -1;
        }
        int n = in.read(b, off, (int) Math.min(len, remaining));
        remaining -= Math.max(0, n);
        return n;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
