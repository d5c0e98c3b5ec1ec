package dev.narthex.catalog.cache;

import java.util.Map;

/**
 * Numbers of paths and packages in a cache.
 *
 * @param narBytes sum of the NAR sizes of all paths, before deduplication and compression
 * @param packagesByEcosystem number of packages with a released version, by ecosystem id; ecosystems without any are absent
 */
public record CacheCounts(long paths, long narBytes, Map<String, Long> packagesByEcosystem) {
    public CacheCounts {
        packagesByEcosystem = Map.copyOf(packagesByEcosystem);
    }
}
