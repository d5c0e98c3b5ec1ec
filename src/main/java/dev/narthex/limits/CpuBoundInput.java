package dev.narthex.limits;

import dev.narthex.stream.BlockFilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A stream of a caller's input. Its reader holds a permit of {@link CpuPermits} while it processes what it has read, but not
 * while it waits for bytes, after the end, or after closing the stream.
 *
 * <p>A few bytes can cause much work, since compressed data may expand by a factor of thousands. Reads therefore become shorter
 * while processing each of them takes long, so that every block of work ends in time.
 */
public final class CpuBoundInput extends BlockFilterInputStream {
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
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (permit.isHeld()) {
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
        } else if (!permit.isHeld()) {
            permit.acquire();
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

    /** Adapts the read size to the time that processing the last read took. */
    private void adapt() {
        long took = System.nanoTime() - lastRead;
        if (took > CpuPermits.SLICE.toNanos()) {
            readBytes = Math.max(MIN_READ_BYTES, readBytes / 4);
        } else if (took < CpuPermits.SLICE.toNanos() / 8) {
            readBytes = Math.min(MAX_READ_BYTES, readBytes * 2);
        }
    }

    /** Releases the permit when the reader is finished with the input. */
    public void end() {
        permit.giveBack();
    }

    @Override
    public void close() throws IOException {
        permit.giveBack();
        in.close();
    }
}
