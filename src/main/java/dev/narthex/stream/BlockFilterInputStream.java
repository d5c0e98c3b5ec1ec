package dev.narthex.stream;

import java.io.IOException;
import java.io.InputStream;

/**
 * A stream that observes or limits the blocks read from another one. Unlike {@link java.io.FilterInputStream} it also reads
 * single and skipped bytes as blocks, so that the subclass sees every byte.
 */
public abstract class BlockFilterInputStream extends BlockInputStream {
    protected final InputStream in;

    protected BlockFilterInputStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
