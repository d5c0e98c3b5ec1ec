package dev.narthex.content;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;

/** Lets so many bytes through, whatever they were packed into, and ends in a problem where there are more. */
public final class LimitedInput extends FilterInputStream {
    private final long most;
    private final Supplier<? extends RuntimeException> otherwise;
    private long left;

    /** @param most bytes */
    public LimitedInput(InputStream in, long most, Supplier<? extends RuntimeException> otherwise) {
        super(in);
        this.most = most;
        this.otherwise = otherwise;
        this.left = most;
    }

    /** From here on as many may come again. */
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
