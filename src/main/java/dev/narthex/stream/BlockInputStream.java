package dev.narthex.stream;

import java.io.IOException;
import java.io.InputStream;

/** A stream that is implemented by reading blocks. A single byte is read as a block of one, and skipped bytes are read. */
public abstract class BlockInputStream extends InputStream {
    @Override
    public final int read() throws IOException {
        var singleByte = new byte[1];
        return read(singleByte, 0, 1) < 0 ? -1 : singleByte[0] & 0xff;
    }

    @Override
    public abstract int read(byte[] bytes, int offset, int length) throws IOException;
}
