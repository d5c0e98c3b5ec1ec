package dev.narthex.nix;

import dev.narthex.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Parses a NAR in one pass and reports its content to a {@link NarHandler}.
 *
 * <p>The grammar is that of NixOS/nix src/libutil/archive.cc, as strict as its newest version: names in strictly ascending byte
 * order; no empty name, {@code .}, {@code ..}, slash or NUL; zero padding; optional parts only in their place. Open directories
 * are kept on an explicit stack instead of the thread's, so deeply nested hostile archives do no harm. Invalid input is
 * {@link Problem.Malformed}, exceeded limits {@link Problem.TooLarge}; an {@link IOException} comes from the stream or the
 * handler.
 */
public final class NarReader {
    private static final byte[] NO_NAME = {};
    private static final byte[] MAGIC = NarSource.framed("nix-archive-1");
    private static final byte[] OPEN_TYPE = NarSource.framed("(", "type");
    private static final byte[] OPEN_NAME = NarSource.framed("(", "name");
    private static final byte[] NODE = NarSource.framed("node");
    private static final byte[] TARGET = NarSource.framed("target");
    private static final byte[] NOTHING_CONTENTS = NarSource.framed("", "contents");
    private static final byte[] CLOSE = NarSource.framed(")");
    private static final byte[] CLOSE_BOTH = NarSource.framed(")", ")");

    private final NarSource source;
    private final NarLimits limits;
    private final NarHandler handler;

    /** The last name seen in each open directory. */
    private final Deque<byte[]> open = new ArrayDeque<>();

    private long entries;

    private NarReader(NarSource source, NarLimits limits, NarHandler handler) {
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
    public static long read(InputStream in, NarLimits limits, NarHandler handler) throws IOException {
        var source = new NarSource(in, false, limits.size(), handler);
        new NarReader(source, limits, handler).archive();
        return source.offset();
    }

    /** Like {@link #read}, but the stream must end with the archive. */
    public static long readWhole(InputStream in, NarLimits limits, NarHandler handler) throws IOException {
        var source = new NarSource(in, true, limits.size(), handler);
        new NarReader(source, limits, handler).archive();
        if (!source.atEnd()) {
            throw source.malformed("the archive ends here, but more bytes follow.");
        }
        return source.offset();
    }

    private void archive() throws IOException {
        source.expect(MAGIC, "nix-archive-1");
        node(NO_NAME);
        while (!open.isEmpty()) {
            switch (source.tag()) {
                case "entry" -> entry();
                case ")" -> endDirectory();
                default -> throw source.malformed("expected an entry or the end of the directory.");
            }
        }
        source.report();
    }

    private void entry() throws IOException {
        source.expect(OPEN_NAME, "( name");
        var name = source.string(limits.nameBytes(), "name");
        if (!isFileName(name)) {
            throw source.malformed("a name must not be empty, . or .., nor hold a slash or NUL.");
        }
        if (Arrays.compareUnsigned(open.pop(), name) >= 0) {
            throw source.malformed("names in a directory must be unique and in ascending order of their bytes.");
        }
        open.push(name);
        source.expect(NODE, "node");
        node(name);
    }

    private void node(byte[] name) throws IOException {
        entries++;
        if (entries > limits.entries()) {
            throw new Problem.TooLarge("NAR", "The NAR has more than " + limits.entries() + " files.").asException();
        }
        if (open.size() > limits.depth()) {
            throw source.malformed("directories are nested more than " + limits.depth() + " deep.");
        }
        source.expect(OPEN_TYPE, "( type");
        switch (source.tag()) {
            case "regular" -> regular(name);
            case "symlink" -> symlink(name);
            case "directory" -> directory(name);
            default -> throw source.malformed("the type must be regular, symlink or directory.");
        }
    }

    private void directory(byte[] name) throws IOException {
        source.report();
        handler.directory(name, open.size());
        open.push(NO_NAME);
    }

    private void endDirectory() throws IOException {
        open.pop();
        source.report();
        handler.endDirectory();
        if (!open.isEmpty()) {
            source.expect(CLOSE, ")");
        }
    }

    private void regular(byte[] name) throws IOException {
        var tag = source.tag();
        boolean executable = tag.equals("executable");
        if (executable) {
            source.expect(NOTHING_CONTENTS, "an empty string after executable, then contents");
        } else if (!tag.equals("contents")) {
            throw source.malformed("expected contents.");
        }
        long size = source.contentLength();
        source.report();
        handler.regular(name, open.size(), executable, size, source.offset());
        source.contents(size);
        handler.endRegular();
        source.skipPadding(size);
        endEntry();
    }

    private void symlink(byte[] name) throws IOException {
        source.expect(TARGET, "target");
        var target = source.string(limits.targetBytes(), "target of a link");
        if (target.length == 0 || contains(target, 0)) {
            throw source.malformed("the target of a link must not be empty, nor hold NUL.");
        }
        source.report();
        handler.symlink(name, open.size(), target);
        endEntry();
    }

    /** Ends a file or link and, unless it is the root, the directory entry that contains it. */
    private void endEntry() throws IOException {
        source.expect(open.isEmpty() ? CLOSE : CLOSE_BOTH, ")");
    }

    static boolean isFileName(byte[] name) {
        boolean dots = name.length <= 2 && name.length > 0 && name[0] == '.' && name[name.length - 1] == '.';
        return name.length > 0 && !dots && !contains(name, '/') && !contains(name, 0);
    }

    private static boolean contains(byte[] bytes, int wanted) {
        for (byte b : bytes) {
            if (b == wanted) {
                return true;
            }
        }
        return false;
    }
}
