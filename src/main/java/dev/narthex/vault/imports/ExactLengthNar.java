package dev.narthex.vault.imports;

import dev.narthex.problem.Problem;
import dev.narthex.stream.BlockFilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A NAR being fetched. Reading fails if it is longer than the size in its narinfo, or when the server stops. */
final class ExactLengthNar extends BlockFilterInputStream {
    private final long size;
    private final RetryPolicy retryPolicy;
    private long received;

    ExactLengthNar(InputStream nar, long size, RetryPolicy retryPolicy) {
        super(nar);
        this.size = size;
        this.retryPolicy = retryPolicy;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        retryPolicy.checkStop();
        int n = in.read(buffer, offset, length);
        received += Math.max(n, 0);
        if (received > size) {
            throw Problem.mismatch("NarSize", "The NAR has more than the " + size + " bytes of its narinfo.");
        }
        return n;
    }
}
