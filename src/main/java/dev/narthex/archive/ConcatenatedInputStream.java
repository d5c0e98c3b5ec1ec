package dev.narthex.archive;

import dev.narthex.stream.BlockInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;

/** Concatenates streams. Each is opened only when the previous one has ended, so at most one is open at a time. */
public class ConcatenatedInputStream extends BlockInputStream {
    private final Iterator<Part> parts;
    private InputStream current = nullInputStream();

    /** A stream to concatenate; opened when it is reached. */
    @FunctionalInterface
    public interface Part {
        InputStream open() throws IOException;
    }

    public ConcatenatedInputStream(Iterator<Part> parts) {
        this.parts = parts;
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
