package dev.narthex.nix;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Bytes that are UTF-8 by custom only, such as file names in a NAR, as text without loss. A byte b that is no part of valid
 * UTF-8 becomes the lone surrogate U+DC00 + b, so U+DC80 to U+DCFF (the "surrogateescape" of Python, PEP 383); valid UTF-8
 * never decodes to one. Texts that are shown to people go through {@link #shown}.
 */
public final class ByteText {
    /** The order of the bytes, which is that of NARs and of Nix's maps; String's own order differs above U+D7FF. */
    public static final Comparator<String> ORDER = ByteText::compare;

    private static final char ESCAPE = 0xDC00;

    private ByteText() {}

    public static String of(byte[] bytes) {
        var text = new String(bytes, StandardCharsets.UTF_8);
        // Replacement characters are rare enough to look twice whether they were in the bytes.
        return text.indexOf('\uFFFD') < 0 ? text : escaped(bytes);
    }

    /** The bytes that {@link #of} was given. */
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

    /** With U+FFFD for every byte that is not UTF-8: for people, not for look-ups. */
    public static String shown(String text) {
        var shown = new StringBuilder(text.length());
        text.codePoints().forEach(point -> shown.appendCodePoint(isSurrogate(point) ? 0xFFFD : point));
        return shown.toString();
    }

    /** Whether some bytes decode to this text; false for one that holds other lone surrogates. */
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
