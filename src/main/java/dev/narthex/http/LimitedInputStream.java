package dev.narthex.http;

import dev.narthex.stream.BlockFilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;

/**
 * Limits the number of bytes read from a stream, typically after decompression, and throws the given exception when it is
 * exceeded. Not thread-safe.
 */
public final class LimitedInputStream extends BlockFilterInputStream {
    private final long maxBytes;
    private final Supplier<? extends RuntimeException> exceptionSupplier;
    private long remaining;

    /**
     * @param maxBytes maximum number of bytes
     * @param exceptionSupplier creates the exception
     */
    public LimitedInputStream(InputStream in, long maxBytes, Supplier<? extends RuntimeException> exceptionSupplier) {
        super(in);
        this.maxBytes = maxBytes;
        this.exceptionSupplier = exceptionSupplier;
        this.remaining = maxBytes;
    }

    /** Resets the limit for the bytes that follow. */
    public void resetLimit() {
        remaining = maxBytes;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = in.read(buffer, offset, length);
        remaining -= Math.max(count, 0);
        if (remaining < 0) {
            throw exceptionSupplier.get();
        }
        return count;
    }
}
