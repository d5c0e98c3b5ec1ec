package dev.narthex.web.readme;

import dev.narthex.http.PercentEncoding;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Resolves the links of a readme or another Markdown text. Relative links refer to files of the same release and cannot leave it,
 * even with {@code ..} segments.
 *
 * @param folder path of the directory that contains the text, from the root; empty for the root itself
 * @param files returns the URL of a file's page for a path as the readme has it; empty if there is no such file
 */
public record ReadmeLinks(String folder, Function<String, Optional<String>> files) {
    private static final String FRAGMENT_PREFIX = "readme-";
    private static final int MAX_LENGTH = 2000;

    /** Creates the links of a text in the root directory. */
    public ReadmeLinks(Function<String, Optional<String>> files) {
        this("", files);
    }

    /** The target of a resolved link. */
    sealed interface Target {
        /** Another site: {@code http(s)}. */
        record ExternalLink(String url, String host) implements Target {}

        /** A file of this release: a URL on this site, without query. */
        record FileLink(String url) implements Target {}

        /** A heading of this readme. */
        record HeadingLink(String fragment) implements Target {}
    }

    /** Resolves a link. Returns empty if a page must not link to its target. */
    Optional<Target> resolve(String address) {
        var trimmed = address.strip();
        if (trimmed.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        if (trimmed.startsWith("#")) {
            return trimmed.length() == 1
                    ? Optional.empty()
                    : Optional.of(new Target.HeadingLink(fragment(trimmed.substring(1))));
        }
        if (trimmed.startsWith("//")) {
            return external("https:" + trimmed);
        }
        int colon = trimmed.indexOf(':');
        int slash = trimmed.indexOf('/');
        if (colon >= 0 && (slash < 0 || colon < slash)) {
            return external(trimmed);
        }
        return internal(trimmed);
    }

    /** Returns the id of a heading or named anchor in the page. The prefix avoids conflicts with the page's own ids. */
    static String fragment(String name) {
        return FRAGMENT_PREFIX + name.toLowerCase(Locale.ROOT);
    }

    private static Optional<Target> external(String url) {
        try {
            var uri = new URI(url);
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            return web && uri.getHost() != null
                    ? Optional.of(new Target.ExternalLink(uri.toASCIIString(), uri.getHost()))
                    : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private Optional<Target> internal(String address) {
        var segments = new ArrayList<String>(
                folder.isEmpty() || address.startsWith("/") ? List.of() : List.of(folder.split("/")));
        for (var segment : address.split("[?#]", 2)[0].replace('\\', '/').split("/")) {
            switch (segment) {
                case "", "." -> {}
                case ".." -> {
                    if (segments.isEmpty()) {
                        return Optional.empty();
                    }
                    segments.removeLast();
                }
                default -> segments.add(PercentEncoding.decode(segment));
            }
        }
        return segments.isEmpty()
                ? Optional.empty()
                : files.apply(String.join("/", segments)).map(Target.FileLink::new);
    }
}
