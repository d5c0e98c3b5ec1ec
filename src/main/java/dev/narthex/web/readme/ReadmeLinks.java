package dev.narthex.web.readme;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where addresses in a readme lead. Relative ones are files of the same release: they never leave it, however many dots they
 * hold.
 *
 * @param files address of the page that shows the readme's own folder, without a trailing slash; empty if the files of this
 *     release cannot be shown
 */
public record ReadmeLinks(Optional<String> files) {
    private static final String FRAGMENT_PREFIX = "readme-";
    private static final int LONGEST = 2000;

    /** What an address turned into. */
    sealed interface Target {
        /** Another site: {@code http(s)}. */
        record Outside(String url, String host) implements Target {}

        /** A file of this release: an address on this site, without query. */
        record File(String url) implements Target {}

        /** A heading of this readme. */
        record Place(String fragment) implements Target {}
    }

    /** Empty if the address leads nowhere that a page may offer. */
    Optional<Target> resolve(String address) {
        var trimmed = address.strip();
        if (trimmed.length() > LONGEST) {
            return Optional.empty();
        }
        if (trimmed.startsWith("#")) {
            return trimmed.length() == 1
                    ? Optional.empty()
                    : Optional.of(new Target.Place(fragment(trimmed.substring(1))));
        }
        if (trimmed.startsWith("//")) {
            return outside("https:" + trimmed);
        }
        int colon = trimmed.indexOf(':');
        int slash = trimmed.indexOf('/');
        if (colon >= 0 && (slash < 0 || colon < slash)) {
            return outside(trimmed);
        }
        return files.flatMap(base -> inside(base, trimmed));
    }

    /** The id that a heading or a named place has in the page; never one that the page itself uses. */
    static String fragment(String name) {
        return FRAGMENT_PREFIX + name.toLowerCase(Locale.ROOT);
    }

    private static Optional<Target> outside(String url) {
        try {
            var uri = new URI(url);
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            return web && uri.getHost() != null
                    ? Optional.of(new Target.Outside(uri.toASCIIString(), uri.getHost()))
                    : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static Optional<Target> inside(String base, String address) {
        var path = address.split("[?#]", 2)[0];
        var segments = new ArrayList<String>();
        for (var segment : List.of(path.replace('\\', '/').split("/"))) {
            switch (segment) {
                case "", "." -> {}
                case ".." -> {
                    if (segments.isEmpty()) {
                        return Optional.empty();
                    }
                    segments.removeLast();
                }
                default -> segments.add(encoded(segment));
            }
        }
        return segments.isEmpty()
                ? Optional.empty()
                : Optional.of(new Target.File(base + "/" + String.join("/", segments)));
    }

    /** Keeps what is encoded already; encodes what a path segment cannot hold. */
    private static String encoded(String segment) {
        var out = new StringBuilder(segment.length());
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            boolean escape = c == '%' && isHex(segment, i + 1) && isHex(segment, i + 2);
            if (escape || c > 0x7f || Character.isLetterOrDigit(c) || "-._~@+!,=:".indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append('%').append(String.format("%02X", (int) c));
            }
        }
        return out.toString();
    }

    private static boolean isHex(String s, int at) {
        return at < s.length() && Character.digit(s.charAt(at), 16) >= 0;
    }
}
