package dev.narthex.nix;

import dev.narthex.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Parses a NAR in one pass and reports its content to a {@link NarVisitor}.
 *
 * <p>The grammar is that of NixOS/nix src/libutil/archive.cc, as strict as its newest version: names in strictly ascending byte
 * order; no empty name, {@code .}, {@code ..}, slash or NUL; zero padding; optional parts only in their place. Open directories
 * are kept on an explicit stack instead of the thread's, so deeply nested hostile archives do no harm. Invalid input is
 * {@link Problem.Malformed}, exceeded limits {@link Problem.TooLarge}; an {@link IOException} comes from the stream or the
 * handler.
 */
public final class NarReader {
    private static final byte[] NO_NAME = {};
    private static final byte[] MAGIC = NarInput.encode("nix-archive-1");
    private static final byte[] OPEN_TYPE = NarInput.encode("(", "type");
    private static final byte[] OPEN_NAME = NarInput.encode("(", "name");
    private static final byte[] NODE = NarInput.encode("node");
    private static final byte[] TARGET = NarInput.encode("target");
    private static final byte[] EMPTY_THEN_CONTENTS = NarInput.encode("", "contents");
    private static final byte[] CLOSE = NarInput.encode(")");
    private static final byte[] CLOSE_BOTH = NarInput.encode(")", ")");

    private final NarInput source;
    private final NarLimits limits;
    private final NarVisitor handler;

    /** The last name seen in each open directory. */
    private final Deque<byte[]> lastNames = new ArrayDeque<>();

    private long entries;

    private NarReader(NarInput source, NarLimits limits, NarVisitor handler) {
        this.source = source;
        this.limits = limits;
        this.handler = handler;
    }

    /**
     * Reads one archive and leaves the stream directly after it. Makes small reads on {@code in}: prefer {@link #readWhole} if
     * nothing follows the archive.
     *
     * @return the size of the archive in bytes
     */
    public static long read(InputStream in, NarLimits limits, NarVisitor handler) throws IOException {
        var source = new NarInput(in, false, limits.maxBytes(), handler);
        new NarReader(source, limits, handler).archive();
        return source.offset();
    }

    /** Like {@link #read}, but the stream must end with the archive. */
    public static long readWhole(InputStream in, NarLimits limits, NarVisitor handler) throws IOException {
        var source = new NarInput(in, true, limits.maxBytes(), handler);
        new NarReader(source, limits, handler).archive();
        if (!source.atEnd()) {
            throw source.malformed("the archive ends here, but more bytes follow.");
        }
        return source.offset();
    }

    private void archive() throws IOException {
        source.expect(MAGIC, "nix-archive-1");
        node(NO_NAME);
        while (!lastNames.isEmpty()) {
            switch (source.readTag()) {
                case "entry" -> entry();
                case ")" -> endDirectory();
                default -> throw source.malformed("expected an entry or the end of the directory.");
            }
        }
        source.reportRaw();
    }

    private void entry() throws IOException {
        source.expect(OPEN_NAME, "( name");
        var name = source.readString(limits.maxNameBytes(), "name");
        if (!isFileName(name)) {
            throw source.malformed("a name must not be empty, . or .., and must not contain a slash or NUL.");
        }
        if (Arrays.compareUnsigned(lastNames.pop(), name) >= 0) {
            throw source.malformed("names in a directory must be unique and in ascending order of their bytes.");
        }
        lastNames.push(name);
        source.expect(NODE, "node");
        node(name);
    }

    private void node(byte[] name) throws IOException {
        entries++;
        if (entries > limits.maxEntries()) {
            throw Problem.tooLarge("NAR", "The NAR has more than " + limits.maxEntries() + " files.");
        }
        if (lastNames.size() > limits.maxDepth()) {
            throw source.malformed("directories are nested more than " + limits.maxDepth() + " deep.");
        }
        source.expect(OPEN_TYPE, "( type");
        switch (source.readTag()) {
            case "regular" -> regular(name);
            case "symlink" -> symlink(name);
            case "directory" -> directory(name);
            default -> throw source.malformed("the type must be regular, symlink or directory.");
        }
    }

    private void directory(byte[] name) throws IOException {
        source.reportRaw();
        handler.directory(name, lastNames.size());
        lastNames.push(NO_NAME);
    }

    private void endDirectory() throws IOException {
        lastNames.pop();
        source.reportRaw();
        handler.endDirectory();
        if (!lastNames.isEmpty()) {
            source.expect(CLOSE, ")");
        }
    }

    private void regular(byte[] name) throws IOException {
        var tag = source.readTag();
        boolean executable = tag.equals("executable");
        if (executable) {
            source.expect(EMPTY_THEN_CONTENTS, "an empty string after executable, then contents");
        } else if (!tag.equals("contents")) {
            throw source.malformed("expected contents.");
        }
        long size = source.readContentLength();
        source.reportRaw();
        handler.regular(name, lastNames.size(), executable, size, source.offset());
        source.passOnContents(size);
        handler.endRegular();
        source.skipPadding(size);
        endEntry();
    }

    private void symlink(byte[] name) throws IOException {
        source.expect(TARGET, "target");
        var target = source.readString(limits.maxTargetBytes(), "target of a link");
        if (target.length == 0 || contains(target, 0)) {
            throw source.malformed("the target of a link must not be empty or contain NUL.");
        }
        source.reportRaw();
        handler.symlink(name, lastNames.size(), target);
        endEntry();
    }

    /** Ends a file or link and, unless it is the root, the directory entry that contains it. */
    private void endEntry() throws IOException {
        source.expect(lastNames.isEmpty() ? CLOSE : CLOSE_BOTH, ")");
    }

    static boolean isFileName(byte[] name) {
        boolean isDots = name.length <= 2 && name.length > 0 && name[0] == '.' && name[name.length - 1] == '.';
        return name.length > 0 && !isDots && !contains(name, '/') && !contains(name, 0);
    }

    private static boolean contains(byte[] bytes, int value) {
        for (byte b : bytes) {
            if (b == value) {
                return true;
            }
        }
        return false;
    }
}
