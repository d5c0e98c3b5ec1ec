package dev.narthex.store.directory;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;

/**
 * Reads exactly the given number of bytes from the current position of a file channel. Throws {@link EOFException} if the file
 * is shorter. Closing it closes the channel.
 */
final class Bounded extends FilterInputStream implements ReadableByteChannel {
    private final FileChannel file;
    private long left;

    Bounded(FileChannel file, long count) {
        super(Channels.newInputStream(file));
        this.file = file;
        this.left = count;
    }

    /** Reads without a copy if the buffer is direct. */
    @Override
    public int read(ByteBuffer into) throws IOException {
        if (!into.hasRemaining()) {
            return 0;
        }
        if (left == 0) {
            return -1;
        }
        int limit = into.limit();
        into.limit((int) Math.min(limit, into.position() + left));
        int n = counted(file.read(into));
        into.limit(limit);
        return n;
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        if (len == 0) {
            return 0;
        }
        if (left == 0) {
            return -1;
        }
        return counted(in.read(b, off, (int) Math.min(len, left)));
    }

    private int counted(int n) throws EOFException {
        if (n < 0) {
            throw new EOFException("a pack is " + left + " bytes short");
        }
        left -= n;
        return n;
    }

    @Override
    public long skip(long n) throws IOException {
        long skipped = in.skip(Math.min(n, left));
        left -= skipped;
        return skipped;
    }

    @Override
    public int available() {
        return (int) Math.min(left, Integer.MAX_VALUE);
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
