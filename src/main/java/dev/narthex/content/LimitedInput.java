package dev.narthex.content;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;

/**
 * Limits the number of bytes read from a stream, typically after decompression, and throws the given exception when it is
 * exceeded. Not thread-safe.
 */
public final class LimitedInput extends FilterInputStream {
    private final long most;
    private final Supplier<? extends RuntimeException> otherwise;
    private long left;

    /**
     * @param most maximum number of bytes
     * @param otherwise creates the exception
     */
    public LimitedInput(InputStream in, long most, Supplier<? extends RuntimeException> otherwise) {
        super(in);
        this.most = most;
        this.otherwise = otherwise;
        this.left = most;
    }

    /** Resets the limit for the bytes that follow. */
    public void renew() {
        left = most;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int got = in.read(buffer, offset, length);
        left -= Math.max(got, 0);
        if (left < 0) {
            throw otherwise.get();
        }
        return got;
    }
}
