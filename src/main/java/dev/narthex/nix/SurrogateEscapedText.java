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
 * 383); valid UTF-8 never decodes to a lone surrogate. Pass texts through {@link #toDisplayText} before displaying them.
 */
public final class SurrogateEscapedText {
    /** Orders texts by their bytes, like NARs and Nix's maps. The order of String differs above U+D7FF. */
    public static final Comparator<String> BYTE_ORDER = SurrogateEscapedText::compare;

    private static final char ESCAPE_BASE = 0xDC00;

    private SurrogateEscapedText() {}

    public static String decode(byte[] bytes) {
        var text = new String(bytes, StandardCharsets.UTF_8);
        // Replacement characters are rare, so decoding again to see whether they were in the input costs little.
        return text.indexOf('\uFFFD') < 0 ? text : decodeEscaping(bytes);
    }

    /** Returns the bytes from which {@link #decode} made the text. */
    public static byte[] encode(String text) {
        if (!hasSurrogates(text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        var out = new ByteArrayOutputStream(text.length() * 3);
        text.codePoints().forEach(point -> {
            if (isEscape(point)) {
                out.write(point - ESCAPE_BASE);
            } else {
                out.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
            }
        });
        return out.toByteArray();
    }

    /** Replaces every byte that is not UTF-8 by U+FFFD. The result is for display, not for lookups. */
    public static String toDisplayText(String text) {
        var display = new StringBuilder(text.length());
        text.codePoints().forEach(point -> display.appendCodePoint(isSurrogate(point) ? 0xFFFD : point));
        return display.toString();
    }

    /** Whether the text is the result of decoding some bytes; false if it contains other lone surrogates. */
    static boolean isDecodedText(String text) {
        return !hasSurrogates(text) || decode(encode(text)).equals(text);
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
        return point >= ESCAPE_BASE + 0x80 && point <= ESCAPE_BASE + 0xFF;
    }

    private static boolean isSurrogate(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }

    private static String decodeEscaping(byte[] bytes) {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(bytes.length);
        while (true) {
            var result = decoder.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE_BASE + (in.get() & 0xff)));
            }
        }
    }

    private static int compare(String a, String b) {
        int commonLength = Math.min(a.length(), b.length());
        for (int i = 0; i < commonLength; i++) {
            char charA = a.charAt(i);
            char charB = b.charAt(i);
            if (charA != charB) {
                boolean belowSurrogates = charA < Character.MIN_SURROGATE && charB < Character.MIN_SURROGATE;
                return belowSurrogates ? Character.compare(charA, charB) : Arrays.compareUnsigned(encode(a), encode(b));
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
