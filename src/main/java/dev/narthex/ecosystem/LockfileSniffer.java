package dev.narthex.ecosystem;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.stream.Stream;

/** Reads the beginning of a lockfile, to detect its format. */
public final class LockfileSniffer {
    /** The line that identifies the format is within this many characters, after a few lines of comments. */
    private static final int LENGTH = 8 << 10;

    private LockfileSniffer() {}

    /** Returns the first lines. Leaves the reader at the beginning, after a byte order mark if there is one. */
    public static Stream<String> lines(BufferedReader in) throws IOException {
        in.mark(LENGTH);
        var head = new char[LENGTH - 1];
        int length = 0;
        for (int n = in.read(head); n > 0; n = in.read(head, length, head.length - length)) {
            length += n;
        }
        in.reset();
        int from = length > 0 && head[0] == '\uFEFF' ? 1 : 0;
        in.skip(from);
        return new String(head, from, length - from).lines();
    }
}
