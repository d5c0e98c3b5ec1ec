package dev.narthex.stream;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A stream that observes or limits the blocks read from another one. Single and skipped bytes are read as blocks too, so that
 * the subclass sees every byte, and no byte is read twice.
 */
public abstract class BlockFilterInputStream extends FilterInputStream {
    private static final int MAX_SKIP_BUFFER_BYTES = 8192;

    protected BlockFilterInputStream(InputStream in) {
        super(in);
    }

    @Override
    public final int read() throws IOException {
        var singleByte = new byte[1];
        return read(singleByte, 0, 1) < 0 ? -1 : singleByte[0] & 0xff;
    }

    @Override
    public abstract int read(byte[] bytes, int offset, int length) throws IOException;

    @Override
    public long skip(long bytes) throws IOException {
        long skipped = 0;
        var buffer = new byte[(int) Math.clamp(bytes, 0, MAX_SKIP_BUFFER_BYTES)];
        while (skipped < bytes) {
            int count = read(buffer, 0, (int) Math.min(buffer.length, bytes - skipped));
            if (count < 0) {
                break;
            }
            skipped += count;
        }
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
