package dev.narthex.nix;

import dev.narthex.problem.Problem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * Writes a NAR, byte for byte as Nix would. Call {@link #start}, then write one node with an empty name (the root), and within
 * directories the entries in ascending byte order. {@link #close} checks that the archive is complete; it leaves the stream
 * open. Names that a NAR cannot contain are {@link Problem.Malformed}, because they may come from a tarball.
 */
public final class NarWriter implements AutoCloseable {
    /** Offset of the content in the NAR of a single non-executable file. */
    public static final long FLAT_OFFSET = 96;

    private static final int BUFFER_SIZE = 64 * 1024;
    private static final byte[] NO_NAME = {};
    private static final byte[] ZEROS = new byte[8];
    private static final byte[] MAGIC = NarInput.encode("nix-archive-1");
    private static final byte[] ENTRY_NAME = NarInput.encode("entry", "(", "name");
    private static final byte[] NODE = NarInput.encode("node");
    private static final byte[] DIRECTORY = NarInput.encode("(", "type", "directory");
    private static final byte[] CONTENTS = NarInput.encode("(", "type", "regular", "contents");
    private static final byte[] EXECUTABLE = NarInput.encode("(", "type", "regular", "executable", "", "contents");
    private static final byte[] TARGET = NarInput.encode("(", "type", "symlink", "target");
    private static final byte[] CLOSE = NarInput.encode(")");

    private final OutputStream out;

    /** The last name written in each open directory. */
    private final Deque<byte[]> lastNames = new ArrayDeque<>();

    private boolean started;
    private boolean complete;

    /** @param out receives many small writes, so it should be buffered */
    public NarWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes the NAR of a single non-executable file. Its content is at {@link #FLAT_OFFSET}. */
    public static void flat(OutputStream out, long size, InputStream content) throws IOException {
        try (var nar = new NarWriter(out)) {
            nar.start();
            nar.regular(NO_NAME, false, size, content);
        }
    }

    /**
     * Returns the NAR that {@link #flat(OutputStream, long, InputStream)} writes, as a stream to read. It is valid only if the
     * content has the given size.
     */
    public static InputStream flat(long size, InputStream content) throws IOException {
        var head = new ByteArrayOutputStream();
        head.write(MAGIC);
        head.write(CONTENTS);
        writeSize(head, size);
        var tail = new ByteArrayOutputStream();
        tail.write(ZEROS, 0, paddingSize(size));
        tail.write(CLOSE);
        var parts = List.of(
                new ByteArrayInputStream(head.toByteArray()), content, new ByteArrayInputStream(tail.toByteArray()));
        return new SequenceInputStream(Collections.enumeration(parts));
    }

    /** Returns the size of the archive that {@link #flat} writes. */
    public static long flatSize(long size) {
        return MAGIC.length + CONTENTS.length + 8 + size + paddingSize(size) + CLOSE.length;
    }

    public void start() throws IOException {
        if (started) {
            throw new IllegalStateException("started before");
        }
        started = true;
        out.write(MAGIC);
    }

    /** @param name empty for the root */
    public void directory(byte[] name) throws IOException {
        beginEntry(name);
        out.write(DIRECTORY);
        lastNames.push(NO_NAME);
    }

    public void endDirectory() throws IOException {
        if (lastNames.isEmpty()) {
            throw new IllegalStateException("no directory is open");
        }
        lastNames.pop();
        endEntry();
    }

    /**
     * @param name empty for the root
     * @param size number of bytes read from {@code content}, which is left open
     */
    public void regular(byte[] name, boolean executable, long size, InputStream content) throws IOException {
        beginEntry(name);
        out.write(executable ? EXECUTABLE : CONTENTS);
        writeSize(out, size);
        copy(size, content);
        out.write(ZEROS, 0, paddingSize(size));
        endEntry();
    }

    /** @param name empty for the root */
    public void symlink(byte[] name, byte[] target) throws IOException {
        beginEntry(name);
        out.write(TARGET);
        out.write(NarInput.encode(target));
        endEntry();
    }

    /** Throws an exception if the root or a directory was not ended. */
    @Override
    public void close() throws IOException {
        if (!complete) {
            throw new IOException("the NAR is not complete");
        }
        out.flush();
    }

    private void beginEntry(byte[] name) throws IOException {
        if (!started || complete) {
            throw new IllegalStateException("outside of an archive");
        }
        if (lastNames.isEmpty()) {
            if (name.length > 0) {
                throw new IllegalArgumentException("the root has no name");
            }
            return;
        }
        if (!NarReader.isFileName(name) || Arrays.compareUnsigned(lastNames.pop(), name) >= 0) {
            throw Problem.malformed(
                    "file name",
                    SurrogateEscapedText.toDisplayText(SurrogateEscapedText.decode(name)),
                    "names in a directory must be unique, in ascending byte order, and must not contain a slash.");
        }
        lastNames.push(name.clone());
        out.write(ENTRY_NAME);
        out.write(NarInput.encode(name));
        out.write(NODE);
    }

    private void endEntry() throws IOException {
        out.write(CLOSE);
        if (lastNames.isEmpty()) {
            complete = true;
        } else {
            out.write(CLOSE);
        }
    }

    private void copy(long size, InputStream content) throws IOException {
        var buffer = new byte[(int) Math.min(BUFFER_SIZE, size)];
        for (long remaining = size; remaining > 0; ) {
            int count = content.read(buffer, 0, (int) Math.min(buffer.length, remaining));
            if (count < 0) {
                throw new EOFException("the content ended " + remaining + " bytes early");
            }
            out.write(buffer, 0, count);
            remaining -= count;
        }
    }

    private static void writeSize(OutputStream out, long size) throws IOException {
        for (int i = 0; i < 8; i++) {
            out.write((int) (size >>> (8 * i)));
        }
    }

    private static int paddingSize(long size) {
        return (int) (-size & 7);
    }
}
