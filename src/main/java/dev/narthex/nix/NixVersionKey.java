package dev.narthex.nix;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Encodes versions as bytes in Nix's order (NixOS/nix src/libstore/names.cc, {@code compareVersions}).
 *
 * <p>A version is a sequence of components: runs of digits, or runs of characters other than digits, dots and dashes. The
 * shorter sequence is padded with empty components. Of two different components, "pre" is the lowest, then the empty component,
 * then other words in byte order, then numbers by value. To Nix a number above 2147483647 is a word, so it is lower than every
 * number. This is a total order, so each component is encoded as a tag and its bytes, and a final tag represents the empty
 * components.
 */
final class NixVersionKey {
    private static final byte PRE = 1;
    private static final byte END = 2;
    private static final byte WORD = 3;
    private static final byte NUMBER = 4;
    private static final int WORD_END = 0;

    /** Follows a zero byte within a word. Greater than any tag, because a longer word comes after its prefix. */
    private static final int ESCAPED_ZERO = 0xff;

    private static final Pattern COMPONENT = Pattern.compile("[0-9]+|[^0-9.-]+");

    private NixVersionKey() {}

    static int compare(String a, String b) {
        return Integer.signum(Arrays.compareUnsigned(of(a), of(b)));
    }

    static byte[] of(String version) {
        var key = new ByteArrayOutputStream(version.length() * 2 + 8);
        var components = COMPONENT.matcher(version);
        while (components.find()) {
            append(key, components.group());
        }
        key.write(END);
        return key.toByteArray();
    }

    private static void append(ByteArrayOutputStream key, String component) {
        boolean startsWithDigit = component.charAt(0) <= '9' && component.charAt(0) >= '0';
        if (startsWithDigit && isInt(component)) {
            int value = Integer.parseInt(component);
            key.write(NUMBER);
            for (int shift = 24; shift >= 0; shift -= 8) {
                key.write(value >>> shift);
            }
        } else if (component.equals("pre")) {
            key.write(PRE);
        } else {
            appendWord(key, component);
        }
    }

    private static void appendWord(ByteArrayOutputStream key, String word) {
        key.write(WORD);
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            key.write(b);
            if (b == 0) {
                key.write(ESCAPED_ZERO);
            }
        }
        key.write(WORD_END);
    }

    private static boolean isInt(String startsWithDigit) {
        var value = startsWithDigit.replaceFirst("^0+", "");
        return value.length() < 10 || (value.length() == 10 && value.compareTo("2147483647") <= 0);
    }
}
