package dev.narthex.archive;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The data about a file in one zip record.
 *
 * @param packed compressed size in bytes
 * @param offset of its local header
 */
record ZipEntry(String name, int method, long crc, long packed, long size, long offset) {
    static final long WIDE = 0xffffffffL;

    private static final int UTF8 = 1 << 11;

    /**
     * Decodes a name. Rejects names that readers decode differently: without the UTF-8 flag the encoding is up to the reader, and
     * readers either replace or reject malformed bytes.
     */
    static String name(byte[] bytes, int flags) throws ArchiveRejectedException {
        try {
            var name = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if ((flags & UTF8) != 0 || name.length() == bytes.length) {
                return name;
            }
        } catch (CharacterCodingException e) {
            // thrown below
        }
        throw new ArchiveRejectedException("The zip has a name that readers do not read alike.");
    }

    ZipEntry withSizes(long newPacked, long newSize, long newOffset) {
        return new ZipEntry(name, method, crc, newPacked, newSize, newOffset);
    }
}
