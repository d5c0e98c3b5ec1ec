package dev.narthex.store;

import dev.narthex.nix.NarHandler;
import java.io.IOException;

/**
 * Cuts a NAR into chunks while it streams by. Besides the cuts that the content asks for there is one where the content of
 * every file of 512 KiB or more starts and one where it ends: so a large file is a run of whole chunks, the same in every
 * NAR that holds it, and is read without decompressing a neighbour.
 *
 * <p>Each byte is copied once, into the room of its chunk, and in steps that the processor still has at hand when they are
 * looked at.
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

    /** Takes the chunks in order. */
    interface Sink {
        /** Where the bytes of the next chunk go: as large as the largest one. May take until a chunk before is done with. */
        byte[] room() throws IOException;

        /** Takes the next chunk, and the room with it. */
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
                // what is behind its end belongs to the next one
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

    /** Ends the current chunk here. To be called once more at the end of the NAR. */
    void finish() throws IOException {
        search.restart();
        if (filled > 0) {
            int length = filled;
            filled = 0;
            sink.chunk(room, length);
        }
    }
}
