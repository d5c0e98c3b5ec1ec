package dev.narthex.ecosystem;

import jakarta.ws.rs.core.UriInfo;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The segments of a registry's address as the client sent them: split first and decoded then, so that an encoded slash, as
 * npm writes within scoped names, stays within its segment.
 *
 * @param segments decoded; without an empty one at the end
 * @param slash whether the address ends in a slash
 */
public record RawPath(List<String> segments, boolean slash) {
    /** Empty segment, "registry", cache and ecosystem come before. */
    private static final int PREFIX = 4;

    public RawPath {
        segments = List.copyOf(segments);
    }

    /** What follows {@code /registry/{cache}/{ecosystem}/}. */
    public static RawPath of(UriInfo uri) {
        return parse(uri.getRequestUri().getRawPath());
    }

    static RawPath parse(String raw) {
        var parts = raw.split("/", -1);
        var segments = new ArrayList<String>();
        for (int i = PREFIX; i < parts.length; i++) {
            if (!parts[i].isEmpty()) {
                segments.add(decode(parts[i]));
            }
        }
        return new RawPath(segments, raw.endsWith("/"));
    }

    /** A percent sign without two digits behind stands for itself. */
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
