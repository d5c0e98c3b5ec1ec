package dev.narthex.ecosystem;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * What one record of a zip says of a file.
 *
 * @param packed bytes in the archive
 * @param offset of its local header
 */
record ZipEntry(String name, int method, long crc, long packed, long size, long offset) {
    static final long WIDE = 0xffffffffL;

    private static final int UTF8 = 1 << 11;

    /**
     * A name as all readers see it: without the flag for UTF-8 it is in whatever encoding a reader thinks of, and bytes that
     * are none some replace and some refuse.
     */
    static String name(byte[] bytes, int flags) throws Refused {
        try {
            var name = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if ((flags & UTF8) != 0 || name.length() == bytes.length) {
                return name;
            }
        } catch (CharacterCodingException e) {
            // said below
        }
        throw new Refused("The zip has a name that readers do not read alike.");
    }

    ZipEntry withSizes(long newPacked, long newSize, long newOffset) {
        return new ZipEntry(name, method, crc, newPacked, newSize, newOffset);
    }
}
