package dev.narthex.http;

import jakarta.ws.rs.core.UriInfo;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The path segments of a registry URL as the client sent them. They are split before they are decoded, so that an encoded slash,
 * as npm writes within scoped names, stays in its segment.
 *
 * @param segments decoded; without a trailing empty one
 * @param slash whether the path ends in a slash
 */
public record RawPathSegments(List<String> segments, boolean slash) {
    /** Number of segments to skip: an empty one, "registry", cache and ecosystem. */
    private static final int PREFIX = 4;

    public RawPathSegments {
        segments = List.copyOf(segments);
    }

    /** Returns the segments after {@code /registry/{cache}/{ecosystem}/}. */
    public static RawPathSegments of(UriInfo uri) {
        return parse(uri.getRequestUri().getRawPath());
    }

    public static RawPathSegments parse(String raw) {
        var parts = raw.split("/", -1);
        var segments = new ArrayList<String>();
        for (int i = PREFIX; i < parts.length; i++) {
            if (!parts[i].isEmpty()) {
                segments.add(decode(parts[i]));
            }
        }
        return new RawPathSegments(segments, raw.endsWith("/"));
    }

    /** A percent sign without two hexadecimal digits after it is kept. */
    private static String decode(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        var out = new ByteArrayOutputStream(segment.length());
        var bytes = segment.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            int high = i + 2 <= bytes.length - 1 ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 <= bytes.length - 1 ? Character.digit(bytes[i + 2], 16) : -1;
            if (bytes[i] == '%' && high >= 0 && low >= 0) {
                out.write(high << 4 | low);
                i += 2;
            } else {
                out.write(bytes[i]);
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
