package dev.narthex.nix;

import java.io.IOException;

/**
 * Receives the content of an archive from {@link NarReader}, in archive order. Names are new arrays, empty for the root;
 * buffers belong to the reader and are overwritten after the call.
 *
 * <p>{@link #raw} receives every byte of the archive once and in order, always before the event that the byte completes. So
 * when {@link #regular} is called, raw has received all bytes before the content and none of the content; at
 * {@link #endRegular}, all of the content and none of its padding. A chunker can cut exactly there.
 */
public interface NarVisitor {
    /** Bytes of the archive itself: framing, names, contents and padding. */
    default void raw(byte[] buffer, int offset, int length) throws IOException {}

    /** @param depth 0 for the root */
    default void directory(byte[] name, int depth) throws IOException {}

    /**
     * A file starts.
     *
     * @param size declared size of the content in bytes; the archive may still be truncated
     * @param offset offset of the first content byte in the archive, {@code narOffset} of a listing
     */
    default void regular(byte[] name, int depth, boolean executable, long size, long offset) throws IOException {}

    /** Bytes of the current file, after {@link #raw} has received the same bytes. */
    default void contents(byte[] buffer, int offset, int length) throws IOException {}

    default void endRegular() throws IOException {}

    /** @param target any bytes but NUL; may be absolute, contain {@code ..} or dangle, and must never be followed */
    default void symlink(byte[] name, int depth, byte[] target) throws IOException {}

    default void endDirectory() throws IOException {}
}
