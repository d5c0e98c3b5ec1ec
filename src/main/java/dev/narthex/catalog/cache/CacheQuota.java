package dev.narthex.catalog.cache;

import dev.narthex.db.Row;
import dev.narthex.problem.Problem;
import java.util.Optional;

/**
 * The usage and limits of a cache.
 *
 * @param usedBytes sum of the NAR sizes of all paths, before deduplication and compression
 * @param uploadBytesPerMinute maximum average upload rate, in NAR bytes
 */
public record CacheQuota(long usedBytes, Optional<Long> quotaBytes, Optional<Long> uploadBytesPerMinute) {
    public static CacheQuota of(Row row) {
        return new CacheQuota(
                row.longValue("bytes"), row.optionalLong("quota_bytes"), row.optionalLong("upload_bytes_per_minute"));
    }

    /**
     * Checks the quota.
     *
     * @throws dev.narthex.problem.ProblemException TooLarge if a NAR of this size would exceed it
     */
    public void require(long narSize) {
        quotaBytes.filter(quota -> narSize > quota - usedBytes).ifPresent(quota -> {
            throw Problem.tooLarge(
                    "quota",
                    "This cache may hold " + quota + " bytes as NARs and holds " + usedBytes
                            + "; this path does not fit. Ask an administrator of this server to raise quotaBytes.");
        });
    }
}
