package dev.narthex.limits;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A stream of a caller's input. Whoever reads it holds a permit of {@link CpuPermits} while it works on what it has read, and none
 * while it waits for bytes, after the end, and once it is closed.
 *
 * <p>A few bytes can be a lot of work, since compressed data may expand by thousands. So reads become shorter while the work on
 * each takes long, and a block of work ends in time whatever it is.
 */
public final class CpuBoundInput extends FilterInputStream {
    private static final int MAX_READ_BYTES = 1 << 20;
    private static final int MIN_READ_BYTES = 512;

    private final CpuPermits.Permit permit;
    private int readBytes = 64 << 10;
    private long lastRead;

    CpuBoundInput(InputStream in, CpuPermits.Permit permit) {
        super(in);
        this.permit = permit;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (permit.held()) {
            adapt();
            if (in.available() == 0) {
                permit.giveBack();
            } else {
                permit.endSlice();
            }
        }
        int n = next(bytes, offset, Math.min(length, readBytes));
        if (n < 0) {
            permit.giveBack();
        } else if (!permit.held()) {
            permit.take();
        }
        lastRead = System.nanoTime();
        return n;
    }

    private int next(byte[] bytes, int offset, int length) throws IOException {
        try {
            return in.read(bytes, offset, length);
        } catch (IOException | RuntimeException e) {
            permit.giveBack();
            throw e;
        }
    }

    /** By how long it took to work on what was read last. */
    private void adapt() {
        long took = System.nanoTime() - lastRead;
        if (took > CpuPermits.SLICE.toNanos()) {
            readBytes = Math.max(MIN_READ_BYTES, readBytes / 4);
        } else if (took < CpuPermits.SLICE.toNanos() / 8) {
            readBytes = Math.min(MAX_READ_BYTES, readBytes * 2);
        }
    }

    @Override
    public long skip(long n) throws IOException {
        return Math.max(0, read(new byte[(int) Math.clamp(n, 0, 8192)]));
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    /** The reader does no more work on it. */
    public void end() {
        permit.giveBack();
    }

    @Override
    public void close() throws IOException {
        permit.giveBack();
        in.close();
    }
}
