package dev.narthex.catalog.cache;

import java.time.Instant;
import java.util.Optional;

/**
 * Statistics of a cache.
 *
 * @param packages with a released version, in all ecosystems
 * @param narBytes sum of the NAR sizes of all paths, before deduplication and compression
 * @param lastPush time of the newest push; empty if there are no paths
 */
public record CacheStats(
        long id, long packages, long paths, long narBytes, Optional<Long> quotaBytes, Optional<Instant> lastPush) {}
