package dev.narthex.spi;

import java.util.List;
import java.util.Optional;

/** Finds packages by the words in what they say of themselves. */
public interface PackageIndex {
    /**
     * The best first. Empty while there is no index, or one that is behind.
     *
     * @param size at least 1
     */
    Optional<Names> names(long cacheId, String ecosystem, String text, int from, int size);

    /** @param total of all that match */
    record Names(List<String> normalised, long total) {
        public Names {
            normalised = List.copyOf(normalised);
        }
    }
}
