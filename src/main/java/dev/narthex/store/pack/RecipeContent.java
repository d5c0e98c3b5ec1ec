package dev.narthex.store.pack;

import dev.narthex.http.Content;
import dev.narthex.stream.BlockInputStream;
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
public record RecipeContent(List<Content> packs, List<Recipe.Run> runs) implements Content {
    /** Reading and discarding up to this many bytes costs less than another request. */
    private static final long MAX_SKIP_BYTES = 1L << 20;

    @Override
    public long length() {
        return runs.stream().mapToLong(Recipe.Run::length).sum();
    }

    @Override
    public InputStream open(long from, long count) throws IOException {
        Objects.checkFromIndexSize(from, count, length());
        return new RecipeInputStream(packs, pieces(from, count));
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

        /** Whether a stream of the same pack that is at offset {@code position} can continue with this piece. */
        boolean canFollow(long position) {
            return offset >= position && offset - position <= MAX_SKIP_BYTES;
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
    private static final class PackStream implements AutoCloseable {
        private final InputStream in;
        private final ReadableByteChannel channel;
        private final long end;
        private long position;

        PackStream(Content pack, long position, long end) throws IOException {
            this.in = pack.open(position, end - position);
            this.channel = DecompressingNarInputStream.toChannel(in);
            this.position = position;
            this.end = end;
        }

        void skipTo(long offset) throws IOException {
            in.skipNBytes(offset - position);
            position = offset;
        }

        int advance(int n) throws EOFException {
            if (n < 0) {
                throw new EOFException("a pack is " + (end - position) + " bytes short");
            }
            position += n;
            return n;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    private static final class RecipeInputStream extends BlockInputStream implements ReadableByteChannel {
        private final List<Content> packs;
        private final List<Piece> pieces;
        private final Map<Integer, PackStream> streams = new HashMap<>();
        private int nextPiece;
        private long remaining;
        private @Nullable PackStream current;
        private boolean open = true;

        RecipeInputStream(List<Content> packs, List<Piece> pieces) {
            this.packs = packs;
            this.pieces = pieces;
        }

        /** Returns the stream that provides the next byte, or null at the end. */
        private @Nullable PackStream currentStream() throws IOException {
            if (remaining == 0 && nextPiece < pieces.size()) {
                current = streamFor(nextPiece);
                remaining = pieces.get(nextPiece).length;
                nextPiece++;
            }
            return remaining == 0 ? null : current;
        }

        private PackStream streamFor(int index) throws IOException {
            var piece = pieces.get(index);
            var existing = streams.get(piece.slot);
            if (existing != null && piece.canFollow(existing.position) && piece.end() <= existing.end) {
                existing.skipTo(piece.offset);
                return existing;
            }
            if (existing != null) {
                streams.remove(piece.slot);
                existing.close();
            }
            var created = new PackStream(packs.get(piece.slot), piece.offset, streamEnd(index));
            streams.put(piece.slot, created);
            return created;
        }

        /** Returns the end offset of a stream that starts with this piece: the end of the last piece that it can serve. */
        private long streamEnd(int index) {
            var first = pieces.get(index);
            long end = first.end();
            for (var piece : pieces.subList(index + 1, pieces.size())) {
                if (piece.slot == first.slot) {
                    if (!piece.canFollow(end)) {
                        return end;
                    }
                    end = piece.end();
                }
            }
            return end;
        }

        private int advance(PackStream stream, int n) throws IOException {
            int read = stream.advance(n);
            remaining -= read;
            if (remaining == 0 && stream.position == stream.end) {
                streams.values().remove(stream);
                stream.close();
            }
            return read;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            Objects.checkFromIndexSize(off, len, b.length);
            if (len == 0) {
                return 0;
            }
            var stream = currentStream();
            return stream == null ? -1 : advance(stream, stream.in.read(b, off, (int) Math.min(len, remaining)));
        }

        /** Reads without a copy from packs that support it. */
        @Override
        public int read(ByteBuffer target) throws IOException {
            if (!target.hasRemaining()) {
                return 0;
            }
            var stream = currentStream();
            if (stream == null) {
                return -1;
            }
            int limit = target.limit();
            target.limit((int) Math.min(limit, target.position() + remaining));
            try {
                return advance(stream, stream.channel.read(target));
            } finally {
                target.limit(limit);
            }
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() throws IOException {
            open = false;
            nextPiece = pieces.size();
            remaining = 0;
            for (var stream : streams.values()) {
                stream.close();
            }
            streams.clear();
        }
    }
}
