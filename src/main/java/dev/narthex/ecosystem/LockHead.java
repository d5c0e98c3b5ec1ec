package dev.narthex.ecosystem;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.stream.Stream;

/** How a lock begins, by which its format is told. */
public final class LockHead {
    /** What tells the format stands before that, behind a few lines of comment. */
    private static final int LENGTH = 8 << 10;

    private LockHead() {}

    /** The first lines. Leaves the reader at the beginning, behind a byte order mark. */
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
