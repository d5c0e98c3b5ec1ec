package dev.narthex.store;

import dev.narthex.nix.NarHandler;
import java.io.IOException;

/**
 * Cuts a NAR into chunks while it streams by. Besides the cuts that the content asks for there is one where the content of
 * every file of 512 KiB or more starts and one where it ends: so a large file is a run of whole chunks, the same in every
 * NAR that holds it, and is read without decompressing a neighbour.
 *
 * <p>A chunk is looked for only when {@code max} bytes of it, or the forced cut, are there: each byte is then hashed once.
 */
final class Cutter implements NarHandler {
    static final int OWN_CHUNKS = 512 * 1024;

    private final Chunker chunker;
    private final Sink sink;
    private final byte[] buffer;
    private int filled;
    private boolean ownChunks;

    /** Takes the chunks in order. */
    interface Sink {
        /**
         * Takes the next chunk.
         *
         * @param bytes overwritten after the call
         */
        void chunk(byte[] bytes, int from, int count) throws IOException;
    }

    /** @param buffer of at least twice the largest chunk */
    Cutter(Chunker chunker, byte[] buffer, Sink sink) {
        this.chunker = chunker;
        this.buffer = buffer;
        this.sink = sink;
    }

    @Override
    public void raw(byte[] bytes, int from, int count) throws IOException {
        int at = from;
        int left = count;
        while (left > 0) {
            int n = Math.min(left, buffer.length - filled);
            System.arraycopy(bytes, at, buffer, filled, n);
            filled += n;
            at += n;
            left -= n;
            if (filled == buffer.length) {
                cut(chunker.max());
            }
        }
    }

    @Override
    public void regular(byte[] name, int depth, boolean executable, long size, long offset) throws IOException {
        ownChunks = size >= OWN_CHUNKS;
        if (ownChunks) {
            finish();
        }
    }

    @Override
    public void endRegular() throws IOException {
        if (ownChunks) {
            finish();
        }
    }

    /** Ends the current chunk here. To be called once more at the end of the NAR. */
    void finish() throws IOException {
        cut(1);
    }

    /** Hands out chunks as long as this many bytes are there, and moves the rest to the front. */
    private void cut(int enough) throws IOException {
        int from = 0;
        while (filled - from >= enough) {
            int n = chunker.next(buffer, from, filled);
            sink.chunk(buffer, from, n);
            from += n;
        }
        System.arraycopy(buffer, from, buffer, 0, filled - from);
        filled -= from;
    }
}
