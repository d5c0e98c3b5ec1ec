package dev.narthex.spi;

import java.util.List;
import java.util.Optional;

/** Full-text search over the descriptions of packages. */
public interface PackageIndex {
    /**
     * Returns the best matches first. Empty while the index does not exist or lags behind the catalog.
     *
     * @param size at least 1
     */
    Optional<NameMatches> names(long cacheId, String ecosystem, String text, int from, int size);

    /** @param total number of all matches */
    record NameMatches(List<String> normalized, long total) {
        public NameMatches {
            normalized = List.copyOf(normalized);
        }
    }
}
