package dev.narthex.http;

import dev.narthex.nix.SurrogateEscapedText;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Percent-encoded path segments of URLs (RFC 3986, section 2.1). */
public final class PercentEncoding {
    private PercentEncoding() {}

    /**
     * Splits a path before decoding it, so an encoded slash never separates segments.
     *
     * @param rawPath percent-encoded, with its leading slash
     * @return decoded segments; absent if one of them is empty
     */
    public static Optional<List<String>> decodeSegments(String rawPath) {
        var segments = new ArrayList<String>();
        for (var raw : rawPath.substring(1).split("/", -1)) {
            if (raw.isEmpty()) {
                return Optional.empty();
            }
            segments.add(decode(raw));
        }
        return Optional.of(segments);
    }

    /** Decodes a segment. A percent sign that does not begin an escape is kept. */
    public static String decode(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        var bytes = new ByteArrayOutputStream(segment.length());
        for (int i = 0; i < segment.length(); ) {
            char c = segment.charAt(i);
            int value = c == '%' ? hex(segment, i + 1) : -1;
            if (value >= 0) {
                bytes.write(value);
                i += 3;
            } else {
                bytes.writeBytes(SurrogateEscapedText.encode(segment.substring(i, i + 1)));
                i++;
            }
        }
        return SurrogateEscapedText.decode(bytes.toByteArray());
    }

    private static int hex(String s, int at) {
        if (at + 2 > s.length()) {
            return -1;
        }
        int high = Character.digit(s.charAt(at), 16);
        int low = Character.digit(s.charAt(at + 1), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
}
