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
final class NarInput {
    private static final int BUFFER_SIZE = 128 * 1024;
    private static final int LENGTH_BYTES = 8;
    private static final int ALIGNMENT = 8;
    private static final int MAX_TAG_BYTES = 32;

    private final InputStream in;
    private final boolean readAhead;
    private final long maxBytes;
    private final NarVisitor handler;
    private final byte[] buffer = new byte[BUFFER_SIZE];

    /** Offset in the archive of the first byte of the buffer. */
    private long bufferOffset;

    private int position;
    private int filled;

    /** Bytes of the buffer before this position were passed to {@link NarVisitor#raw}. */
    private int reportedPosition;

    NarInput(InputStream in, boolean readAhead, long maxBytes, NarVisitor handler) {
        this.in = in;
        this.readAhead = readAhead;
        this.maxBytes = maxBytes;
        this.handler = handler;
    }

    /** Encodes a string as in an archive: length, bytes, zeros up to a multiple of 8. */
    static byte[] encode(byte[] string) {
        var frame = new byte[LENGTH_BYTES + paddedSize(string.length)];
        for (int i = 0; i < LENGTH_BYTES; i++) {
            frame[i] = (byte) ((long) string.length >>> (8 * i));
        }
        System.arraycopy(string, 0, frame, LENGTH_BYTES, string.length);
        return frame;
    }

    /** Encodes several consecutive tags. */
    static byte[] encode(String... tags) {
        var frames = new byte[0];
        for (var tag : tags) {
            var frame = encode(tag.getBytes(StandardCharsets.US_ASCII));
            int end = frames.length;
            frames = Arrays.copyOf(frames, end + frame.length);
            System.arraycopy(frame, 0, frames, end, frame.length);
        }
        return frames;
    }

    long offset() {
        return bufferOffset + position;
    }

    /** Passes the bytes that were read since the last call to the handler. */
    void reportRaw() throws IOException {
        if (position > reportedPosition) {
            handler.raw(buffer, reportedPosition, position - reportedPosition);
            reportedPosition = position;
        }
    }

    void expect(byte[] frames, String description) throws IOException {
        ensureAvailable(frames.length);
        if (!Arrays.equals(buffer, position, position + frames.length, frames, 0, frames.length)) {
            throw malformed("expected " + description + ".");
        }
        position += frames.length;
    }

    String readTag() throws IOException {
        return new String(readString(MAX_TAG_BYTES, "tag"), StandardCharsets.ISO_8859_1);
    }

    byte[] readString(int maxLength, String subject) throws IOException {
        ensureAvailable(LENGTH_BYTES);
        long length = peekLength();
        if (length < 0 || length > maxLength) {
            throw malformed("the " + subject + " is longer than " + maxLength + " bytes.");
        }
        position += LENGTH_BYTES;
        int size = (int) length;
        ensureAvailable(paddedSize(size));
        var string = Arrays.copyOfRange(buffer, position, position + size);
        position += size;
        skipPadding(size);
        return string;
    }

    /** Reads the length of a file's content and checks it against the size limit. */
    long readContentLength() throws IOException {
        ensureAvailable(LENGTH_BYTES);
        long length = peekLength();
        if (length < 0) {
            throw malformed("the length of the content is out of range.");
        }
        position += LENGTH_BYTES;
        if (length > maxBytes - offset()) {
            throw tooLargeProblem();
        }
        return length;
    }

    /** Passes on this many bytes, both as raw bytes and as contents. */
    void passOnContents(long length) throws IOException {
        reportRaw();
        long remaining = length;
        while (remaining > 0) {
            if (position == filled) {
                compact();
                fill(readAhead ? BUFFER_SIZE : (int) Math.min(BUFFER_SIZE, remaining));
            }
            int size = (int) Math.min(remaining, filled - position);
            int start = position;
            position += size;
            reportRaw();
            handler.contents(buffer, start, size);
            remaining -= size;
        }
    }

    void skipPadding(long length) throws IOException {
        int size = (int) (-length & (ALIGNMENT - 1));
        ensureAvailable(size);
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
        return Problem.malformed("NAR", "byte " + offset(), hint);
    }

    private ProblemException tooLargeProblem() {
        return Problem.tooLarge("NAR", "The NAR is larger than the limit of " + maxBytes + " bytes.");
    }

    private static int paddedSize(int size) {
        return (size + ALIGNMENT - 1) & -ALIGNMENT;
    }

    private long peekLength() {
        long length = 0;
        for (int i = LENGTH_BYTES - 1; i >= 0; i--) {
            length = length << 8 | (buffer[position + i] & 0xff);
        }
        return length;
    }

    private void ensureAvailable(int size) throws IOException {
        if (size > maxBytes - offset()) {
            throw tooLargeProblem();
        }
        if (size > BUFFER_SIZE - position) {
            reportRaw();
            compact();
        }
        while (filled - position < size) {
            fill(readAhead ? BUFFER_SIZE - filled : size - (filled - position));
        }
    }

    /** Moves the unread bytes to the start of the buffer. */
    private void compact() {
        System.arraycopy(buffer, position, buffer, 0, filled - position);
        bufferOffset += position;
        filled -= position;
        position = 0;
        reportedPosition = 0;
    }

    private void fill(int maxCount) throws IOException {
        int count = in.read(buffer, filled, maxCount);
        if (count < 0) {
            throw Problem.malformed("NAR", "byte " + (bufferOffset + filled), "the archive is truncated here.");
        }
        filled += count;
    }
}
