package dev.narthex.web.readme;

import dev.narthex.web.view.Urls;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where addresses in a readme, or another text in Markdown, lead. Relative ones are files of the same release: they never
 * leave it, however many dots they hold.
 *
 * @param folder in which the text lies, from the root; empty for the root itself
 * @param files address of the page of a file, given its path as the readme has it; empty if there is no such file
 */
public record ReadmeLinks(String folder, Function<String, Optional<String>> files) {
    private static final String FRAGMENT_PREFIX = "readme-";
    private static final int LONGEST = 2000;

    /** Of a text at the root. */
    public ReadmeLinks(Function<String, Optional<String>> files) {
        this("", files);
    }

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
        return inside(trimmed);
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

    private Optional<Target> inside(String address) {
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
                default -> segments.add(Urls.decode(segment));
            }
        }
        return segments.isEmpty()
                ? Optional.empty()
                : files.apply(String.join("/", segments)).map(Target.File::new);
    }
}
