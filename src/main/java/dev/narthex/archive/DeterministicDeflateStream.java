package dev.narthex.archive;

import com.jcraft.jzlib.Deflater;
import com.jcraft.jzlib.GZIPException;
import com.jcraft.jzlib.JZlib;
import dev.narthex.stream.BlockInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of another stream, deflated (RFC 1951), with identical output on every machine and in every version: users' lockfiles
 * contain digests of derived files.
 *
 * <p>{@link java.util.zip.Deflater} cannot guarantee that. It uses the zlib that the JDK bundles or the system provides, and
 * zlib, zlib-ng and the hardware variants compress the same bytes differently. Therefore this class uses JZlib, zlib's algorithm
 * in Java, in a version that the pom pins; a golden test guards its output. It takes about twice the time of a native zlib for
 * the same size, but runs only in background jobs. Level 6 instead of npm's 9: on JavaScript and Python, 9 saves 1 to 1.5 % and
 * takes two to four times as long. The content of the buffers depends only on the bytes, never on how many of them a read
 * returned, so reads cannot influence the output either.
 */
public final class DeterministicDeflateStream extends BlockInputStream {
    private static final int LEVEL = 6;
    private static final int WINDOW_BITS = 15;
    private static final int MEMORY_LEVEL = 8;
    private static final int BUFFER = 16 * 1024;

    private final InputStream in;
    private final Deflater deflater;
    private final byte[] plain = new byte[BUFFER];
    private final byte[] packed = new byte[BUFFER];
    private int from;
    private int to;
    private boolean ended;

    public DeterministicDeflateStream(InputStream in) {
        this.in = in;
        try {
            deflater = new Deflater(LEVEL, WINDOW_BITS, MEMORY_LEVEL, JZlib.W_NONE);
        } catch (GZIPException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Number of bytes consumed from the other stream so far. */
    public long taken() {
        return deflater.getTotalIn();
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        while (from == to && len > 0) {
            if (deflater.finished()) {
                return -1;
            }
            fill();
        }
        int n = Math.min(len, to - from);
        System.arraycopy(packed, from, b, off, n);
        from += n;
        return n;
    }

    private void fill() throws IOException {
        if (deflater.getAvailIn() == 0 && !ended) {
            int n = in.readNBytes(plain, 0, BUFFER);
            ended = n < BUFFER;
            deflater.setInput(plain, 0, n, false);
        }
        deflater.setOutput(packed, 0, BUFFER);
        int result = deflater.deflate(ended ? JZlib.Z_FINISH : JZlib.Z_NO_FLUSH);
        if (result != JZlib.Z_OK && result != JZlib.Z_STREAM_END) {
            throw new IllegalStateException("deflate: " + result);
        }
        from = 0;
        to = BUFFER - deflater.getAvailOut();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
