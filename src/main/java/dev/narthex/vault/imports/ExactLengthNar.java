package dev.narthex.vault.imports;

import dev.narthex.problem.Problem;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A NAR being fetched. Reading fails if it is longer than the size in its narinfo, or when the server stops. */
final class ExactLengthNar extends FilterInputStream {
    private final long size;
    private final RetryPolicy patience;
    private long received;

    ExactLengthNar(InputStream nar, long size, RetryPolicy retryPolicy) {
        super(nar);
        this.size = size;
        this.patience = retryPolicy;
    }

    @Override
    public int read() throws IOException {
        var singleByte = new byte[1];
        return read(singleByte, 0, 1) < 0 ? -1 : singleByte[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        patience.checkStop();
        int n = in.read(buffer, offset, length);
        received += Math.max(n, 0);
        if (received > size) {
            throw Problem.mismatch("NarSize", "The NAR has more than the " + size + " bytes of its narinfo.");
        }
        return n;
    }
}
