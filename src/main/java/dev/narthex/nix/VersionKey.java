package dev.narthex.nix;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Nix's order of versions as bytes (NixOS/nix src/libstore/names.cc, {@code compareVersions}).
 *
 * <p>A version is a row of components: runs of digits, or runs of anything that is no digit, dot or dash. The shorter row is
 * continued by empty components. Of two components that differ, "pre" comes first, then the empty one, then other words by
 * their bytes, then numbers by value. A run of digits beyond 2147483647 is no number to Nix but a word, so it comes before
 * every number. That is a total order, so each component becomes a tag and its bytes, and a tag for the end takes the place
 * of the empty components.
 */
final class VersionKey {
    private static final byte PRE = 1;
    private static final byte END = 2;
    private static final byte WORD = 3;
    private static final byte NUMBER = 4;
    private static final int WORD_END = 0;

    /** After a zero byte within a word: greater than any tag, as a longer word comes after a shorter one. */
    private static final int ZERO_GOES_ON = 0xff;

    private static final Pattern COMPONENT = Pattern.compile("[0-9]+|[^0-9.-]+");

    private VersionKey() {}

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
        boolean digits = component.charAt(0) <= '9' && component.charAt(0) >= '0';
        if (digits && isInt(component)) {
            int value = Integer.parseInt(component);
            key.write(NUMBER);
            for (int shift = 24; shift >= 0; shift -= 8) {
                key.write(value >>> shift);
            }
        } else if (component.equals("pre")) {
            key.write(PRE);
        } else {
            word(key, component);
        }
    }

    private static void word(ByteArrayOutputStream key, String word) {
        key.write(WORD);
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            key.write(b);
            if (b == 0) {
                key.write(ZERO_GOES_ON);
            }
        }
        key.write(WORD_END);
    }

    private static boolean isInt(String digits) {
        var value = digits.replaceFirst("^0+", "");
        return value.length() < 10 || (value.length() == 10 && value.compareTo("2147483647") <= 0);
    }
}
