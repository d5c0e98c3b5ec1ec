package dev.narthex.ecosystem;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Builds a byte string whose unsigned order is the order of its parts, compared one by one. Every part ends itself, so no
 * part can reach into the next: a number is its count of digits and then the digits, a text ends with a zero byte.
 */
public final class OrderedKey {
    /** Most digits of a number; more does not fit its count. */
    public static final int MOST_DIGITS = 255;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A choice: lower marks sort first. */
    public OrderedKey mark(int mark) {
        bytes.write(mark);
        return this;
    }

    /** @param digits 1 to {@value #MOST_DIGITS} decimal digits; leading zeros do not count. Sorts above mark 0. */
    public OrderedKey number(String digits) {
        int from = 0;
        while (from < digits.length() - 1 && digits.charAt(from) == '0') {
            from++;
        }
        bytes.write(digits.length() - from);
        bytes.writeBytes(digits.substring(from).getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /** @param text without zero characters; sorted by its bytes in UTF-8, a beginning of another text before it */
    public OrderedKey text(String text) {
        bytes.writeBytes(text.replace('\0', ' ').getBytes(StandardCharsets.UTF_8));
        bytes.write(0);
        return this;
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }
}
