package dev.narthex.web.view;

import dev.narthex.nix.SurrogateEscapedText;
import java.util.HexFormat;

/** Builds page URLs from names as they are stored. Every segment is encoded, so names may contain any character. */
public final class Urls {
    /** RFC 3986 unreserved characters, and the sub-delims that no part of the stack treats specially. */
    private static final String PLAIN = "-._~@+!,=:";

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Urls() {}

    public static String cache(String cache) {
        return "/" + encode(cache);
    }

    public static String listing(String cache, String ecosystem) {
        return cache(cache) + "/" + encode(ecosystem);
    }

    /** @param normalized may contain slashes, which are not encoded */
    public static String packagePage(String cache, String ecosystem, String normalized) {
        return listing(cache, ecosystem) + "/" + path(normalized);
    }

    public static String release(String cache, String ecosystem, String normalized, String version) {
        return packagePage(cache, ecosystem, normalized) + "@" + encode(version);
    }

    public static String storePath(String cache, String hash) {
        return cache(cache) + "/path/" + encode(hash);
    }

    /** Returns the URL of the comparison of two versions. */
    public static String diff(String release, String version) {
        return release + "/diff/" + encode(version);
    }

    /** Returns the URL of the comparison of two store paths. */
    public static String diff(String cache, String hash, String cacheOfOther, String other) {
        return storePath(cache, hash) + "/diff/" + (cacheOfOther.equals(cache) ? "" : encode(cacheOfOther) + "/")
                + encode(other);
    }

    /** Returns the page URL with a file path appended; {@code page} itself if the path is empty. */
    public static String file(String page, String file) {
        return file.isEmpty() ? page : page + "/" + path(file);
    }

    /** Encodes each segment of a path and keeps its slashes. */
    public static String path(String path) {
        var out = new StringBuilder(path.length() + 16);
        for (var b : SurrogateEscapedText.encode(path)) {
            append(out, b, true);
        }
        return out.toString();
    }

    /** Encodes one path segment or query value. */
    public static String encode(String text) {
        var out = new StringBuilder(text.length() + 8);
        for (var b : SurrogateEscapedText.encode(text)) {
            append(out, b, false);
        }
        return out.toString();
    }

    /** Encodes a query value. Unlike {@link #encode}, it encodes the plus sign, which means a space in queries. */
    public static String query(String text) {
        return encode(text).replace("+", "%2B");
    }

    private static void append(StringBuilder out, byte b, boolean slashes) {
        char c = (char) (b & 0xff);
        boolean plain = (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || PLAIN.indexOf(c) >= 0
                || (slashes && c == '/');
        if (plain) {
            out.append(c);
        } else {
            out.append('%').append(HEX.toHexDigits(b));
        }
    }
}
