package dev.narthex.store.directory;

import dev.narthex.stream.BlockFilterInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;

/**
 * Reads exactly the given number of bytes from the current position of a file channel. Throws {@link EOFException} if the file
 * is shorter. Closing it closes the channel.
 */
final class ExactInputStream extends BlockFilterInputStream implements ReadableByteChannel {
    private final FileChannel file;
    private long remaining;

    ExactInputStream(FileChannel file, long count) {
        super(Channels.newInputStream(file));
        this.file = file;
        this.remaining = count;
    }

    /** Reads without a copy if the buffer is direct. */
    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!target.hasRemaining()) {
            return 0;
        }
        if (remaining == 0) {
            return -1;
        }
        int limit = target.limit();
        target.limit((int) Math.min(limit, target.position() + remaining));
        int n = advance(file.read(target));
        target.limit(limit);
        return n;
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        if (len == 0) {
            return 0;
        }
        if (remaining == 0) {
            return -1;
        }
        return advance(in.read(b, off, (int) Math.min(len, remaining)));
    }

    private int advance(int n) throws EOFException {
        if (n < 0) {
            throw new EOFException("a pack is " + remaining + " bytes short");
        }
        remaining -= n;
        return n;
    }

    @Override
    public long skip(long n) throws IOException {
        long skipped = in.skip(Math.min(n, remaining));
        remaining -= skipped;
        return skipped;
    }

    @Override
    public int available() {
        return (int) Math.min(remaining, Integer.MAX_VALUE);
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
