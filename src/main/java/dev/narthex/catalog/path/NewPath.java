package dev.narthex.catalog.path;

import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import java.util.List;
import java.util.Optional;

/**
 * A store path to add to a cache.
 *
 * @param narId in the dedup domain of the cache
 * @param references base names, including its own if it references itself
 * @param origin "pushed", "published", "derived" or "upstream"
 * @param pushedBy name of the principal
 */
public record NewPath(
        StorePath path,
        long narId,
        long narSize,
        List<String> references,
        Optional<StorePath> deriver,
        Optional<ContentAddress> ca,
        List<Signature> sigs,
        String origin,
        String pushedBy) {
    public NewPath {
        references = List.copyOf(references);
        sigs = List.copyOf(sigs);
    }
}
