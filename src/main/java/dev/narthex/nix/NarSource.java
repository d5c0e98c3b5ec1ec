package dev.narthex.nix;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the primitives of a NAR for {@link NarReader}: length-prefixed, padded strings and contents. Delivers the raw bytes to
 * the handler.
 *
 * <p>A single buffer is used, and contents are passed on without a copy. With {@code ahead} as many bytes are read as fit.
 * Otherwise only bytes that must belong to the archive are read, so that nothing after the archive is consumed. Memory use does
 * not depend on the lengths that the archive declares.
 */
final class NarSource {
    private static final int BUFFER_SIZE = 128 * 1024;
    private static final int LENGTH_SIZE = 8;
    private static final int ALIGNMENT = 8;
    private static final int TAG_BYTES = 32;

    private final InputStream in;
    private final boolean ahead;
    private final long sizeLimit;
    private final NarHandler handler;
    private final byte[] buffer = new byte[BUFFER_SIZE];

    /** Offset in the archive of the first byte of the buffer. */
    private long base;

    private int position;
    private int filled;

    /** Bytes of the buffer before this position were passed to {@link NarHandler#raw}. */
    private int reported;

    NarSource(InputStream in, boolean ahead, long sizeLimit, NarHandler handler) {
        this.in = in;
        this.ahead = ahead;
        this.sizeLimit = sizeLimit;
        this.handler = handler;
    }

    /** Encodes a string as in an archive: length, bytes, zeros up to a multiple of 8. */
    static byte[] framed(byte[] string) {
        var frame = new byte[LENGTH_SIZE + padded(string.length)];
        for (int i = 0; i < LENGTH_SIZE; i++) {
            frame[i] = (byte) ((long) string.length >>> (8 * i));
        }
        System.arraycopy(string, 0, frame, LENGTH_SIZE, string.length);
        return frame;
    }

    /** Encodes several consecutive tags. */
    static byte[] framed(String... tags) {
        var frames = new byte[0];
        for (var tag : tags) {
            var frame = framed(tag.getBytes(StandardCharsets.US_ASCII));
            int end = frames.length;
            frames = Arrays.copyOf(frames, end + frame.length);
            System.arraycopy(frame, 0, frames, end, frame.length);
        }
        return frames;
    }

    long offset() {
        return base + position;
    }

    /** Passes the bytes that were read since the last call to the handler. */
    void report() throws IOException {
        if (position > reported) {
            handler.raw(buffer, reported, position - reported);
            reported = position;
        }
    }

    void expect(byte[] frames, String words) throws IOException {
        need(frames.length);
        if (!Arrays.equals(buffer, position, position + frames.length, frames, 0, frames.length)) {
            throw malformed("expected " + words + ".");
        }
        position += frames.length;
    }

    String tag() throws IOException {
        return new String(string(TAG_BYTES, "tag"), StandardCharsets.ISO_8859_1);
    }

    byte[] string(int most, String what) throws IOException {
        need(LENGTH_SIZE);
        long length = length();
        if (length < 0 || length > most) {
            throw malformed("the " + what + " is longer than " + most + " bytes.");
        }
        position += LENGTH_SIZE;
        int size = (int) length;
        need(padded(size));
        var string = Arrays.copyOfRange(buffer, position, position + size);
        position += size;
        skipPadding(size);
        return string;
    }

    /** Reads the length of a file's content and checks it against the size limit. */
    long contentLength() throws IOException {
        need(LENGTH_SIZE);
        long length = length();
        if (length < 0) {
            throw malformed("the length of the content is out of range.");
        }
        position += LENGTH_SIZE;
        if (length > sizeLimit - offset()) {
            throw tooLarge();
        }
        return length;
    }

    /** Passes on this many bytes, both as raw bytes and as contents. */
    void contents(long length) throws IOException {
        report();
        long left = length;
        while (left > 0) {
            if (position == filled) {
                rewind();
                fill(ahead ? BUFFER_SIZE : (int) Math.min(BUFFER_SIZE, left));
            }
            int size = (int) Math.min(left, filled - position);
            int start = position;
            position += size;
            report();
            handler.contents(buffer, start, size);
            left -= size;
        }
    }

    void skipPadding(long length) throws IOException {
        int size = (int) (-length & (ALIGNMENT - 1));
        need(size);
        for (int i = 0; i < size; i++) {
            if (buffer[position + i] != 0) {
                throw malformed("padding must be zero.");
            }
        }
        position += size;
    }

    boolean atEnd() throws IOException {
        return position == filled && in.read() < 0;
    }

    ProblemException malformed(String hint) {
        return new Problem.Malformed("NAR", "byte " + offset(), hint).asException();
    }

    private ProblemException tooLarge() {
        return new Problem.TooLarge("NAR", "The NAR is larger than the limit of " + sizeLimit + " bytes.")
                .asException();
    }

    private static int padded(int size) {
        return (size + ALIGNMENT - 1) & -ALIGNMENT;
    }

    private long length() {
        long length = 0;
        for (int i = LENGTH_SIZE - 1; i >= 0; i--) {
            length = length << 8 | (buffer[position + i] & 0xff);
        }
        return length;
    }

    private void need(int size) throws IOException {
        if (size > sizeLimit - offset()) {
            throw tooLarge();
        }
        if (size > BUFFER_SIZE - position) {
            report();
            rewind();
        }
        while (filled - position < size) {
            fill(ahead ? BUFFER_SIZE - filled : size - (filled - position));
        }
    }

    /** Moves the unread bytes to the start of the buffer. */
    private void rewind() {
        System.arraycopy(buffer, position, buffer, 0, filled - position);
        base += position;
        filled -= position;
        position = 0;
        reported = 0;
    }

    private void fill(int most) throws IOException {
        int got = in.read(buffer, filled, most);
        if (got < 0) {
            throw new Problem.Malformed("NAR", "byte " + (base + filled), "the archive is cut off here.").asException();
        }
        filled += got;
    }
}
