package dev.narthex.catalog;

import java.util.Map;

/**
 * What a cache holds.
 *
 * @param narBytes of all its paths together, each counted in full
 * @param packagesByEcosystem packages with something released, by ecosystem id; ecosystems with none are left out
 */
public record CacheCounts(long paths, long narBytes, Map<String, Long> packagesByEcosystem) {
    public CacheCounts {
        packagesByEcosystem = Map.copyOf(packagesByEcosystem);
    }
}
