package dev.narthex.admin;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The caches of the instance by name, including deleted ones.
 *
 * @param after value of {@code after} that requests the next page; absent on the last page
 */
public record CacheListing(List<ListedCache> caches, Optional<Integer> after) {
    /**
     * A cache.
     *
     * @param owners the first owners; groups by their names
     * @param moreOwners whether there are more owners
     * @param packages number of packages with a released version, in all ecosystems
     * @param bytes total NAR size of its paths, without deduplication
     * @param until when a deleted cache can no longer be restored
     * @param removed whether only the name is left
     */
    public record ListedCache(
            String name,
            boolean open,
            List<String> owners,
            boolean moreOwners,
            long packages,
            long bytes,
            Optional<Long> quota,
            Optional<Instant> until,
            boolean removed) {
        /** Returns whether the cache can no longer be restored. */
        public boolean expired() {
            return removed || until.filter(Instant.now()::isAfter).isPresent();
        }
    }
}
