package dev.narthex.store.pack;

import dev.narthex.nix.NarVisitor;
import java.io.IOException;

/**
 * Cuts a NAR into chunks while it streams in. In addition to the content-defined cuts it always cuts at the start and end of
 * the content of every file of 512 KiB or more. Such a file is a run of whole chunks, identical in every NAR that contains it,
 * and can be read without decompressing its neighbors.
 *
 * <p>Each byte is copied once, into the buffer of its chunk. Copying and hashing proceed in steps small enough to stay in
 * the CPU cache.
 */
public final class NarChunker implements NarVisitor {
    static final int MIN_SEPARATE_FILE_BYTES = 512 * 1024;

    private static final int STEP_BYTES = 16 * 1024;
    private static final byte[] NO_BYTES = {};

    private final ContentDefinedChunker.BoundaryFinder boundaryFinder;
    private final Sink sink;
    private byte[] buffer = NO_BYTES;
    private int filled;
    private boolean separateFile;

    /** Receives the chunks in order. */
    public interface Sink {
        /**
         * Returns the buffer for the next chunk, as large as the largest chunk. May block until an earlier chunk has been
         * processed.
         */
        byte[] nextBuffer() throws IOException;

        /**
         * Receives a chunk and ownership of its buffer.
         *
         * @param count length of the chunk in bytes
         */
        void acceptChunk(byte[] buffer, int count) throws IOException;
    }

    public NarChunker(ContentDefinedChunker chunker, Sink sink) {
        this.boundaryFinder = chunker.newBoundaryFinder();
        this.sink = sink;
    }

    @Override
    public void raw(byte[] bytes, int from, int count) throws IOException {
        int position = from;
        int end = from + count;
        while (position < end) {
            if (filled == 0) {
                buffer = sink.nextBuffer();
            }
            int n = Math.min(Math.min(end - position, STEP_BYTES), buffer.length - filled);
            System.arraycopy(bytes, position, buffer, filled, n);
            filled += n;
            position += n;
            int length = boundaryFinder.findBoundary(buffer, filled);
            if (length > 0) {
                // bytes after the end belong to the next chunk
                position -= filled - length;
                filled = 0;
                sink.acceptChunk(buffer, length);
            }
        }
    }

    @Override
    public void regular(byte[] name, int depth, boolean executable, long size, long offset) throws IOException {
        separateFile = size >= MIN_SEPARATE_FILE_BYTES;
        if (separateFile) {
            endChunk();
        }
    }

    @Override
    public void endRegular() throws IOException {
        if (separateFile) {
            endChunk();
        }
    }

    /** Ends the current chunk. Must also be called at the end of the NAR. */
    public void endChunk() throws IOException {
        boundaryFinder.restart();
        if (filled > 0) {
            int length = filled;
            filled = 0;
            sink.acceptChunk(buffer, length);
        }
    }
}
