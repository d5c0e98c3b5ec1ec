package dev.narthex.nix;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Converts bytes that are usually but not necessarily UTF-8, such as file names in a NAR, to strings without loss. A byte b
 * that is not part of valid UTF-8 becomes the lone surrogate U+DC00 + b, i.e. U+DC80 to U+DCFF (Python's "surrogateescape", PEP
 * 383); valid UTF-8 never decodes to a lone surrogate. Pass texts through {@link #shown} before displaying them.
 */
public final class ByteText {
    /** Orders texts by their bytes, like NARs and Nix's maps. The order of String differs above U+D7FF. */
    public static final Comparator<String> ORDER = ByteText::compare;

    private static final char ESCAPE = 0xDC00;

    private ByteText() {}

    public static String of(byte[] bytes) {
        var text = new String(bytes, StandardCharsets.UTF_8);
        // Replacement characters are rare, so decoding again to see whether they were in the input costs little.
        return text.indexOf('\uFFFD') < 0 ? text : escaped(bytes);
    }

    /** Returns the bytes from which {@link #of} made the text. */
    public static byte[] bytes(String text) {
        if (!hasSurrogates(text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        var out = new ByteArrayOutputStream(text.length() * 3);
        text.codePoints().forEach(point -> {
            if (isEscape(point)) {
                out.write(point - ESCAPE);
            } else {
                out.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
            }
        });
        return out.toByteArray();
    }

    /** Replaces every byte that is not UTF-8 by U+FFFD. The result is for display, not for lookups. */
    public static String shown(String text) {
        var shown = new StringBuilder(text.length());
        text.codePoints().forEach(point -> shown.appendCodePoint(isSurrogate(point) ? 0xFFFD : point));
        return shown.toString();
    }

    /** Whether the text is the result of decoding some bytes; false if it contains other lone surrogates. */
    static boolean isExact(String text) {
        return !hasSurrogates(text) || of(bytes(text)).equals(text);
    }

    private static boolean hasSurrogates(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isEscape(int point) {
        return point >= ESCAPE + 0x80 && point <= ESCAPE + 0xFF;
    }

    private static boolean isSurrogate(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }

    private static String escaped(byte[] bytes) {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(bytes.length);
        while (true) {
            var result = decoder.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE + (in.get() & 0xff)));
            }
        }
    }

    private static int compare(String a, String b) {
        int shorter = Math.min(a.length(), b.length());
        for (int i = 0; i < shorter; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean plain = x < Character.MIN_SURROGATE && y < Character.MIN_SURROGATE;
                return plain ? Character.compare(x, y) : Arrays.compareUnsigned(bytes(a), bytes(b));
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
