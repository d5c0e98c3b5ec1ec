package dev.narthex.web.files;

import dev.narthex.http.Content;
import dev.narthex.nix.NarListing.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.Comparator;

/**
 * Reads files of a NAR in the order of their offsets. Opening a stream costs as much as reading a chunk, and on a remote store it
 * is a request. Short gaps between files are therefore skipped in the open stream.
 */
final class SequentialNarReader implements AutoCloseable {
    /** Longer gaps are skipped by opening a new stream, which counts as this many bytes. */
    private static final long FAR = 1 << 20;

    private final Content nar;
    private InputStream in = InputStream.nullInputStream();
    private long at;
    private long remaining;

    private SequentialNarReader(Content nar, long max) {
        this.nar = nar;
        this.remaining = max;
    }

    static void overNar(Content nar, Collection<Entry.Regular> files, long max, FileTree.FileVisitor visit)
            throws IOException {
        var ordered = files.stream()
                .sorted(Comparator.comparingLong(Entry.Regular::narOffset))
                .toList();
        try (var pass = new SequentialNarReader(nar, max)) {
            for (var file : ordered) {
                if (!pass.skipTo(file)) {
                    return;
                }
                var bytes = new BoundedInputStream(pass.in, file.size());
                visit.file(file, bytes);
                pass.advance(file.size() - bytes.remainingBytes());
            }
        }
    }

    private boolean skipTo(Entry.Regular file) throws IOException {
        long gap = file.narOffset() - at;
        if (Math.min(gap, FAR) >= remaining) {
            return false;
        }
        if (at == 0 || gap > FAR) {
            in.close();
            in = nar.open(file.narOffset(), nar.length() - file.narOffset());
            remaining -= FAR;
        } else {
            in.skipNBytes(gap);
            remaining -= gap;
        }
        at = file.narOffset();
        return true;
    }

    private void advance(long bytes) {
        at += bytes;
        remaining -= bytes;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
