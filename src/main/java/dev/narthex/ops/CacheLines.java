package dev.narthex.ops;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Caches of the instance by name, deleted ones too.
 *
 * @param after what to ask for the next ones with; absent on the last page
 */
public record CacheLines(List<Line> caches, Optional<Integer> after) {
    /**
     * @param owners the first few; groups as they are named
     * @param moreOwners whether there are others
     * @param packages of all ecosystems, with something released
     * @param bytes of all its paths as NARs, each counted in full
     * @param until when a deleted one can no longer be brought back
     * @param removed whether nothing is left of it but the name
     */
    public record Line(
            String name,
            boolean open,
            List<String> owners,
            boolean moreOwners,
            long packages,
            long bytes,
            Optional<Long> quota,
            Optional<Instant> until,
            boolean removed) {
        /** Whether it is too late to bring it back. */
        public boolean leaving() {
            return removed || until.filter(Instant.now()::isAfter).isPresent();
        }
    }
}
