package dev.narthex.vault.imports;

import dev.narthex.stream.BlockFilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A body with a minimum rate, so that a source that sends single bytes cannot occupy a connection indefinitely. */
final class MinimumRateInputStream extends BlockFilterInputStream {
    private static final int LEAST_BYTES = 64 * 1024;

    private final long stalledNanos;
    private long waited;
    private long received;

    /** @param stalled reading fails if 64 KiB take longer than this; only time spent waiting in this stream counts */
    MinimumRateInputStream(InputStream in, Duration stalled) {
        super(in);
        this.stalledNanos = stalled.toNanos();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        long start = System.nanoTime();
        int n = in.read(buffer, offset, length);
        waited += System.nanoTime() - start;
        received += Math.max(n, 0);
        if (received >= LEAST_BYTES) {
            waited = 0;
            received = 0;
        } else if (n >= 0 && waited > stalledNanos) {
            throw new IOException("the source sends data too slowly");
        }
        return n;
    }
}
