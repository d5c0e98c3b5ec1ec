package dev.narthex.catalog;

import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import java.util.List;
import java.util.Optional;

/**
 * A store path to enter into a cache.
 *
 * @param narId of the cache's own dedup domain
 * @param references base names, its own among them if it refers to itself
 * @param origin "pushed", "published", "derived" or "upstream"
 * @param pushedBy the principal
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
