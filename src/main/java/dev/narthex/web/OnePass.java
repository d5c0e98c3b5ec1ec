package dev.narthex.web;

import dev.narthex.content.Content;
import dev.narthex.nix.NarListing.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.Comparator;

/**
 * Reads files of a NAR in the order in which they lie. To open it costs as much as to read a chunk, on a store elsewhere a
 * request, so what is a little further on is skipped in the stream that is open.
 */
final class OnePass implements AutoCloseable {
    /** Further on than this a new stream is opened, which counts as much. */
    private static final long FAR = 1 << 20;

    private final Content nar;
    private InputStream in = InputStream.nullInputStream();
    private long at;
    private long left;

    private OnePass(Content nar, long most) {
        this.nar = nar;
        this.left = most;
    }

    static void overNar(Content nar, Collection<Entry.Regular> files, long most, FileTree.Visit visit)
            throws IOException {
        var ordered = files.stream()
                .sorted(Comparator.comparingLong(Entry.Regular::narOffset))
                .toList();
        try (var pass = new OnePass(nar, most)) {
            for (var file : ordered) {
                if (!pass.reach(file)) {
                    return;
                }
                var bytes = new Bounded(pass.in, file.size());
                visit.file(file, bytes);
                pass.took(file.size() - bytes.left());
            }
        }
    }

    private boolean reach(Entry.Regular file) throws IOException {
        long gap = file.narOffset() - at;
        if (Math.min(gap, FAR) >= left) {
            return false;
        }
        if (at == 0 || gap > FAR) {
            in.close();
            in = nar.open(file.narOffset(), nar.length() - file.narOffset());
            left -= FAR;
        } else {
            in.skipNBytes(gap);
            left -= gap;
        }
        at = file.narOffset();
        return true;
    }

    private void took(long bytes) {
        at += bytes;
        left -= bytes;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
