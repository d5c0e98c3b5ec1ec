package dev.narthex.ecosystem;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Builds a byte string whose unsigned order is the order of its parts, compared one by one. Every part is self-delimiting: a
 * number is its digit count followed by the digits, a text ends with a zero byte.
 */
public final class SortKeyBuilder {
    /** Maximum number of digits of a number, because the count is one byte. */
    public static final int MAX_DIGITS = 255;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Appends a discriminator: lower marks sort first. */
    public SortKeyBuilder mark(int mark) {
        bytes.write(mark);
        return this;
    }

    /**
     * Appends a number. It sorts above mark 0.
     *
     * @param digits 1 to {@value #MAX_DIGITS} decimal digits; leading zeros are ignored
     */
    public SortKeyBuilder number(String digits) {
        int from = 0;
        while (from < digits.length() - 1 && digits.charAt(from) == '0') {
            from++;
        }
        bytes.write(digits.length() - from);
        bytes.writeBytes(digits.substring(from).getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /**
     * Appends a text. A prefix of another text sorts before it.
     *
     * @param text sorted by its UTF-8 bytes; zero characters are replaced
     */
    public SortKeyBuilder text(String text) {
        bytes.writeBytes(text.replace('\0', ' ').getBytes(StandardCharsets.UTF_8));
        bytes.write(0);
        return this;
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }
}
