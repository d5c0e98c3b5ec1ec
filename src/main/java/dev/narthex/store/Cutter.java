package dev.narthex.store;

import dev.narthex.nix.NarHandler;
import java.io.IOException;

/**
 * Cuts a NAR into chunks while it streams in. In addition to the content-defined cuts it always cuts at the start and end of
 * the content of every file of 512 KiB or more. Such a file is a run of whole chunks, identical in every NAR that contains it,
 * and can be read without decompressing its neighbors.
 *
 * <p>Each byte is copied once, into the buffer of its chunk. Copying and hashing proceed in steps small enough to stay in
 * the CPU cache.
 */
final class Cutter implements NarHandler {
    static final int OWN_CHUNKS = 512 * 1024;

    private static final int STEP = 16 * 1024;
    private static final byte[] NONE = {};

    private final Chunker.Search search;
    private final Sink sink;
    private byte[] room = NONE;
    private int filled;
    private boolean ownChunks;

    /** Receives the chunks in order. */
    interface Sink {
        /**
         * Returns the buffer for the next chunk, as large as the largest chunk. May block until an earlier chunk has been
         * processed.
         */
        byte[] room() throws IOException;

        /**
         * Receives a chunk and ownership of its buffer.
         *
         * @param count length of the chunk in bytes
         */
        void chunk(byte[] room, int count) throws IOException;
    }

    Cutter(Chunker chunker, Sink sink) {
        this.search = chunker.search();
        this.sink = sink;
    }

    @Override
    public void raw(byte[] bytes, int from, int count) throws IOException {
        int at = from;
        int end = from + count;
        while (at < end) {
            if (filled == 0) {
                room = sink.room();
            }
            int n = Math.min(Math.min(end - at, STEP), room.length - filled);
            System.arraycopy(bytes, at, room, filled, n);
            filled += n;
            at += n;
            int length = search.end(room, filled);
            if (length > 0) {
                // bytes after the end belong to the next chunk
                at -= filled - length;
                filled = 0;
                sink.chunk(room, length);
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

    /** Ends the current chunk. Must also be called at the end of the NAR. */
    void finish() throws IOException {
        search.restart();
        if (filled > 0) {
            int length = filled;
            filled = 0;
            sink.chunk(room, length);
        }
    }
}
