package dev.narthex.ecosystem;

/**
 * What one record of a zip says of a file.
 *
 * @param packed bytes in the archive
 * @param offset of its local header
 */
record ZipEntry(String name, int method, long crc, long packed, long size, long offset) {
    static final long WIDE = 0xffffffffL;

    ZipEntry withSizes(long newPacked, long newSize, long newOffset) {
        return new ZipEntry(name, method, crc, newPacked, newSize, newOffset);
    }
}
