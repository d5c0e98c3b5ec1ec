package dev.narthex.store;

import dev.narthex.content.Content;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The concatenated frames of a recipe. Each pack is read by one forward stream as long as the recipe moves forward in it
 * without skipping much, even when it switches to other packs in between. In a bucket every stream is a request.
 *
 * @param packs packs in the order of the recipe
 */
record RecipeContent(List<Content> packs, List<Recipe.Run> runs) implements Content {
    /** Reading and discarding up to this many bytes costs less than another request. */
    private static final long GAP = 1L << 20;

    @Override
    public long length() {
        return runs.stream().mapToLong(Recipe.Run::length).sum();
    }

    @Override
    public InputStream open(long from, long count) throws IOException {
        Objects.checkFromIndexSize(from, count, length());
        return new Reading(packs, pieces(from, count));
    }

    /**
     * A range of bytes of a pack.
     *
     * @param offset byte offset in the pack
     */
    private record Piece(int slot, long offset, long length) {
        long end() {
            return offset + length;
        }

        /** Whether a stream of the same pack that is at offset {@code at} can continue with this piece. */
        boolean follows(long at) {
            return offset >= at && offset - at <= GAP;
        }
    }

    private List<Piece> pieces(long from, long count) {
        var pieces = new ArrayList<Piece>();
        long start = 0;
        for (var run : runs) {
            long first = Math.max(from, start) - start;
            long end = Math.min(from + count, start + run.length()) - start;
            if (first < end) {
                pieces.add(new Piece(run.slot(), run.offset() + first, end - first));
            }
            start += run.length();
        }
        return pieces;
    }

    /** An open stream of a pack, up to offset {@code end}. */
    private static final class Stream implements AutoCloseable {
        private final InputStream in;
        private final ReadableByteChannel channel;
        private final long end;
        private long at;

        Stream(Content pack, long at, long end) throws IOException {
            this.in = pack.open(at, end - at);
            this.channel = NarStream.channel(in);
            this.at = at;
            this.end = end;
        }

        void skipTo(long offset) throws IOException {
            in.skipNBytes(offset - at);
            at = offset;
        }

        int counted(int n) throws EOFException {
            if (n < 0) {
                throw new EOFException("a pack is " + (end - at) + " bytes short");
            }
            at += n;
            return n;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    private static final class Reading extends InputStream implements ReadableByteChannel {
        private final List<Content> packs;
        private final List<Piece> pieces;
        private final Map<Integer, Stream> streams = new HashMap<>();
        private int next;
        private long left;
        private @Nullable Stream current;
        private boolean open = true;

        Reading(List<Content> packs, List<Piece> pieces) {
            this.packs = packs;
            this.pieces = pieces;
        }

        /** Returns the stream that provides the next byte, or null at the end. */
        private @Nullable Stream stream() throws IOException {
            if (left == 0 && next < pieces.size()) {
                current = at(next);
                left = pieces.get(next).length;
                next++;
            }
            return left == 0 ? null : current;
        }

        private Stream at(int place) throws IOException {
            var piece = pieces.get(place);
            var running = streams.get(piece.slot);
            if (running != null && piece.follows(running.at) && piece.end() <= running.end) {
                running.skipTo(piece.offset);
                return running;
            }
            if (running != null) {
                streams.remove(piece.slot);
                running.close();
            }
            var begun = new Stream(packs.get(piece.slot), piece.offset, end(place));
            streams.put(piece.slot, begun);
            return begun;
        }

        /** Returns the end offset of a stream that starts with this piece: the end of the last piece that it can serve. */
        private long end(int place) {
            var first = pieces.get(place);
            long end = first.end();
            for (var piece : pieces.subList(place + 1, pieces.size())) {
                if (piece.slot == first.slot) {
                    if (!piece.follows(end)) {
                        return end;
                    }
                    end = piece.end();
                }
            }
            return end;
        }

        private int counted(Stream stream, int n) throws IOException {
            int read = stream.counted(n);
            left -= read;
            if (left == 0 && stream.at == stream.end) {
                streams.values().remove(stream);
                stream.close();
            }
            return read;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            Objects.checkFromIndexSize(off, len, b.length);
            if (len == 0) {
                return 0;
            }
            var stream = stream();
            return stream == null ? -1 : counted(stream, stream.in.read(b, off, (int) Math.min(len, left)));
        }

        /** Reads without a copy from packs that support it. */
        @Override
        public int read(ByteBuffer into) throws IOException {
            if (!into.hasRemaining()) {
                return 0;
            }
            var stream = stream();
            if (stream == null) {
                return -1;
            }
            int limit = into.limit();
            into.limit((int) Math.min(limit, into.position() + left));
            try {
                return counted(stream, stream.channel.read(into));
            } finally {
                into.limit(limit);
            }
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() throws IOException {
            open = false;
            next = pieces.size();
            left = 0;
            for (var stream : streams.values()) {
                stream.close();
            }
            streams.clear();
        }
    }
}
