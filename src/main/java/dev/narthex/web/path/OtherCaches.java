package dev.narthex.web.path;

import dev.narthex.catalog.path.Paths;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.PageAddress;
import dev.narthex.web.view.ErrorView.OtherCopy;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Finds other caches with a store path that the requested cache does not have, and the command that copies it. */
@ApplicationScoped
public class OtherCaches {
    private static final int NAMED = 5;

    private final Paths paths;
    private final String baseUrl;

    OtherCaches(Paths paths, @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.paths = paths;
        this.baseUrl = baseUrl;
    }

    /**
     * Returns the copies; empty if the requested cache itself has the path, so that the request failed for another reason.
     *
     * @param visible all caches that the user may see; other caches are never revealed
     */
    public List<OtherCopy> of(PageAddress.PathPage page, List<Cache> visible) {
        var holders = visible.isEmpty()
                ? Map.<Long, StorePath>of()
                : paths.cachesWith(visible.stream().map(Cache::id).toList(), page.hash());
        var here = visible.stream()
                .filter(cache -> cache.name().equals(page.cache()))
                .findFirst();
        if (here.filter(cache -> holders.containsKey(cache.id())).isPresent()) {
            return List.of();
        }
        return visible.stream()
                .flatMap(cache -> Optional.ofNullable(holders.get(cache.id()))
                        .map(path -> copy(cache, path, here.map(Cache::name).orElse("")))
                        .stream())
                .limit(NAMED)
                .toList();
    }

    private OtherCopy copy(Cache from, StorePath path, String to) {
        var command = to.isEmpty()
                ? ""
                : "nix copy --netrc-file ~/.netrc-narthex --from %s --to '%s?compression=zstd' %s"
                        .formatted(baseUrl + Urls.cache(from.name()), baseUrl + Urls.cache(to), path);
        return new OtherCopy(from.name(), Urls.storePath(from.name(), path.hash()), path.toString(), command);
    }
}
