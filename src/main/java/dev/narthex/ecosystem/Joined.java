package dev.narthex.ecosystem;

import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;

/** Streams one after another. Each is opened when the one before it has ended, so any number of them costs one. */
public class Joined extends InputStream {
    private final Iterator<Part> parts;
    private InputStream current = nullInputStream();

    /** A run of bytes that is opened when its turn comes. */
    @FunctionalInterface
    public interface Part {
        InputStream open() throws IOException;
    }

    public Joined(Iterator<Part> parts) {
        this.parts = parts;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        if (len == 0) {
            return 0;
        }
        while (true) {
            int n = current.read(b, off, len);
            if (n >= 0) {
                return n;
            }
            current.close();
            if (!parts.hasNext()) {
                current = nullInputStream();
                return -1;
            }
            current = parts.next().open();
        }
    }

    @Override
    public void close() throws IOException {
        current.close();
    }
}
