package dev.narthex.store.pack;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Encodes non-negative numbers as LEB128: groups of 7 bits, lowest first, with the high bit set in all bytes but the last. */
final class Varint {
    private static final int MAX_BYTES = 9;

    private Varint() {}

    static void put(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest >>> 7 != 0) {
            out.write((int) ((rest & 127) | 128));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    /**
     * @throws DamagedException at the end of the data, for a value over 63 bits, or for an encoding that is longer than
     *     necessary
     */
    static long get(ByteBuffer in) throws DamagedException {
        long value = 0;
        for (int i = 0; i < MAX_BYTES && in.hasRemaining(); i++) {
            int next = in.get();
            value |= (next & 127L) << (7 * i);
            if (next >= 0) {
                if (next == 0 && i > 0) {
                    throw new DamagedException("number with leading zeros");
                }
                return value;
            }
        }
        throw new DamagedException("number without an end");
    }

    /** Reads a value that must fit in an int. */
    static int getInt(ByteBuffer in) throws DamagedException {
        long value = get(in);
        if (value > Integer.MAX_VALUE) {
            throw new DamagedException("number " + value + " is too large");
        }
        return (int) value;
    }
}
