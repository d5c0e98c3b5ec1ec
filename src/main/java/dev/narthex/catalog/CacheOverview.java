package dev.narthex.catalog;

import java.time.Instant;
import java.util.Optional;

/**
 * How a cache stands.
 *
 * @param packages of all ecosystems, with something released
 * @param narBytes of all its paths together, each counted in full
 * @param lastPush when the newest of its paths came
 */
public record CacheOverview(
        long id, long packages, long paths, long narBytes, Optional<Long> quotaBytes, Optional<Instant> lastPush) {}
