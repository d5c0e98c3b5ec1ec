package dev.narthex.web;

import dev.narthex.catalog.Paths;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Texts in the search field that name one page: a store path, its hash part, or an address of this site. */
@ApplicationScoped
class Pasted {
    private static final Pattern HASH = Pattern.compile("(?:^|/)([0-9a-df-np-sv-z]{32})(?:-|\\.narinfo|$)");

    private final Paths paths;
    private final String baseUrl;

    Pasted(Paths paths, @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.paths = paths;
        this.baseUrl = baseUrl;
    }

    Optional<String> page(List<Cache> visible, String text) {
        if (text.startsWith(baseUrl + "/")) {
            return ownPage(text);
        }
        var hash = HASH.matcher(text);
        return hash.find() ? pathPage(visible, hash.group(1)) : Optional.empty();
    }

    private Optional<String> pathPage(List<Cache> visible, String hash) {
        return StorePath.isHash(hash)
                ? visible.stream()
                        .filter(cache -> paths.find(cache.id(), hash).isPresent())
                        .findFirst()
                        .map(cache -> Urls.storePath(cache.name(), hash))
                : Optional.empty();
    }

    private Optional<String> ownPage(String url) {
        try {
            var raw = new URI(url).getRawPath();
            return PageAddress.parse(raw).isPresent() ? Optional.of(raw) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
