package dev.narthex.nix;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.util.Arrays;

/**
 * Nix's base-32 encoding. Unlike RFC 4648 it counts digits from the end of the text: digit n has bits 5n to 5n+4 of the bytes
 * read as one little-endian number (NixOS/nix src/libutil/hash.cc).
 */
public final class Nix32 {
    private static final String ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz";
    private static final byte[] VALUES = values();

    private Nix32() {}

    public static String encode(byte[] bytes) {
        var text = new char[length(bytes.length)];
        for (int n = 0; n < text.length; n++) {
            int bit = n * 5;
            int at = bit / 8;
            int shift = bit % 8;
            int digit = (bytes[at] & 0xff) >>> shift;
            if (at + 1 < bytes.length) {
                digit |= (bytes[at + 1] & 0xff) << (8 - shift);
            }
            text[text.length - 1 - n] = ALPHABET.charAt(digit & 31);
        }
        return new String(text);
    }

    /** @param size number of bytes that the text must encode; surplus bits must be zero */
    public static byte[] decode(String text, int size) {
        if (text.length() != length(size)) {
            throw malformed(text, size);
        }
        var bytes = new byte[size];
        for (int n = 0; n < text.length(); n++) {
            char c = text.charAt(text.length() - 1 - n);
            int digit = c < VALUES.length ? VALUES[c] : -1;
            int at = n * 5 / 8;
            int shift = n * 5 % 8;
            int carry = digit >>> (8 - shift);
            if (digit < 0 || (at + 1 == size && carry != 0)) {
                throw malformed(text, size);
            }
            bytes[at] |= (byte) (digit << shift);
            if (at + 1 < size) {
                bytes[at + 1] |= (byte) carry;
            }
        }
        return bytes;
    }

    /** Returns the number of characters for this many bytes. */
    static int length(int size) {
        return (size * 8 + 4) / 5;
    }

    private static byte[] values() {
        var values = new byte[128];
        Arrays.fill(values, (byte) -1);
        for (int i = 0; i < ALPHABET.length(); i++) {
            values[ALPHABET.charAt(i)] = (byte) i;
        }
        return values;
    }

    private static ProblemException malformed(String text, int size) {
        return Problem.malformed(
                "Nix base-32 text", text, "expected " + length(size) + " characters of " + ALPHABET + ".");
    }
}
