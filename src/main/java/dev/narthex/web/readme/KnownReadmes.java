package dev.narthex.web.readme;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.nix.NixHash;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Caches rendered Markdown by the text's hash. The versions of a package usually share a readme, and rendering it is the most
 * expensive part of the page. Texts that link to files are not cached, because their links depend on the release.
 */
public final class KnownReadmes {
    private static final int MAX_CHARACTERS = 4 << 20;

    private final Cache<NixHash, Optional<String>> readmes = Caffeine.newBuilder()
            .maximumWeight(MAX_CHARACTERS)
            .weigher((NixHash text, Optional<String> html) ->
                    100 + html.map(String::length).orElse(0))
            .build();

    /** Returns the HTML as {@link ReadmeRenderer#html} does, from the cache if possible. */
    public Optional<String> html(String markdown, ReadmeLinks links) {
        var text = NixHash.sha256(markdown.getBytes(StandardCharsets.UTF_8));
        var known = readmes.getIfPresent(text);
        if (known != null) {
            return known;
        }
        var asked = new AtomicBoolean();
        var html = ReadmeRenderer.html(markdown, new ReadmeLinks(links.folder(), path -> {
            asked.set(true);
            return links.files().apply(path);
        }));
        if (!asked.get()) {
            readmes.put(text, html);
        }
        return html;
    }
}
