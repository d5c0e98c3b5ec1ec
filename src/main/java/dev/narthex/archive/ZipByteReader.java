package dev.narthex.archive;

import java.io.EOFException;
import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads little-endian numbers, raw bytes and deflated bytes from a single buffer, so that none of them reads past another. */
final class ZipByteReader {
    private final CountingSourceStream in;
    private final byte[] buffer = new byte[64 * 1024];
    private int at;
    private int end;
    private long consumed;

    ZipByteReader(CountingSourceStream in) {
        this.in = in;
    }

    /** Offset of the next byte in the archive. */
    long position() {
        return consumed + at;
    }

    /** Number of bytes read from the archive so far, including those in the buffer. */
    long bytesRead() {
        return in.count();
    }

    boolean atEnd() throws IOException {
        return at == end && !fill();
    }

    int u16() throws IOException {
        return u8() | u8() << 8;
    }

    long u32() throws IOException {
        return u16() | (long) u16() << 16;
    }

    long u64() throws IOException {
        return u32() | u32() << 32;
    }

    byte[] bytes(int count) throws IOException {
        var bytes = new byte[count];
        int done = 0;
        while (done < count) {
            done += raw(bytes, done, count - done);
        }
        return bytes;
    }

    /** Reads at least one byte and at most {@code len}. */
    int raw(byte[] b, int off, int len) throws IOException {
        require();
        int n = Math.min(len, end - at);
        System.arraycopy(buffer, at, b, off, n);
        at += n;
        return n;
    }

    /**
     * Inflates once. The inflater keeps no input between calls: unused input is passed again.
     *
     * @param max maximum number of compressed bytes to consume
     * @return number of bytes written; 0 if there was no output yet, see {@code inflater.finished()}
     */
    int inflate(Inflater inflater, long max, byte[] b, int off, int len) throws IOException {
        if (max > 0) {
            require();
        }
        int given = (int) Math.min(end - at, max);
        inflater.setInput(buffer, at, given);
        try {
            int n = inflater.inflate(b, off, len);
            int used = given - inflater.getRemaining();
            at += used;
            if (n == 0 && used == 0 && !inflater.finished()) {
                throw new ArchiveRejectedException("The zip contains a truncated file.");
            }
            return n;
        } catch (DataFormatException e) {
            throw new ArchiveRejectedException("The zip has a file that cannot be unpacked.");
        }
    }

    private int u8() throws IOException {
        require();
        return buffer[at++] & 0xff;
    }

    private void require() throws IOException {
        if (at == end && !fill()) {
            throw new EOFException("The zip is cut.");
        }
    }

    private boolean fill() throws IOException {
        consumed += end;
        at = 0;
        end = Math.max(in.read(buffer, 0, buffer.length), 0);
        return end > 0;
    }
}
