package dev.narthex.nix;

import java.io.IOException;

/**
 * What {@link NarReader} tells while it reads, in the order of the archive. Names are fresh arrays, empty for the root;
 * buffers belong to the reader and are overwritten after the call.
 *
 * <p>{@link #raw} gets every byte of the archive once and in order, always before the event that the byte completes. So at
 * {@link #regular} all bytes before the content have gone through raw and none of the content; at {@link #endRegular} all of
 * the content and none of its padding. A chunker can cut exactly there.
 */
public interface NarHandler {
    /** Bytes of the archive itself: framing, names, contents and padding. */
    default void raw(byte[] buffer, int offset, int length) throws IOException {}

    /** @param depth 0 for the root */
    default void directory(byte[] name, int depth) throws IOException {}

    /**
     * A file begins.
     *
     * @param size of the content in bytes, as claimed; the content may still turn out to be cut
     * @param offset of the first content byte in the archive, {@code narOffset} of a listing
     */
    default void regular(byte[] name, int depth, boolean executable, long size, long offset) throws IOException {}

    /** Bytes of the current file, after the same bytes went through {@link #raw}. */
    default void contents(byte[] buffer, int offset, int length) throws IOException {}

    default void endRegular() throws IOException {}

    /** @param target any bytes but NUL; may be absolute, climb out or dangle, and is never to be followed */
    default void symlink(byte[] name, int depth, byte[] target) throws IOException {}

    default void endDirectory() throws IOException {}
}
