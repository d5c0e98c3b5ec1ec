package dev.narthex.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.ops.snapshot.SnapshotJob;
import dev.narthex.store.upkeep.PackStats;
import dev.narthex.store.upkeep.ScrubStats;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Response body: storage of the instance, its integrity, and the last sweep.
 *
 * @param caches number of caches that are not removed; their {@code paths} have {@code narBytes}, without deduplication
 * @param databaseBytes size of all tables; small NARs are stored there
 * @param collections the last garbage collections of all caches, newest first
 * @param lost some of the paths with damaged or missing bytes
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record StorageReport(
        long caches,
        long paths,
        long narBytes,
        PackStats.PackTotals packs,
        long databaseBytes,
        SweepStatus sweep,
        List<CollectionSummary> collections,
        ScrubStats.ScrubProgress checks,
        List<LostPath> lost,
        SnapshotJob.SnapshotStats snapshots) {
    /**
     * A path whose bytes are damaged until it is pushed again.
     *
     * @param path full store path
     */
    public record LostPath(String cache, String hashPart, String path) {}

    /**
     * A garbage collection of a cache; dry runs are left out.
     *
     * @param asked whether it was requested; otherwise it was the nightly one
     * @param ended absent while it runs
     * @param bytes total NAR size of the deleted paths, as the cache counts it
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record CollectionSummary(
            String cache,
            Instant started,
            Optional<Instant> ended,
            boolean asked,
            long paths,
            long bytes,
            long releases) {}

    /** @param failures number of consecutive failures */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record SweepStatus(Optional<Instant> last, Optional<Instant> next, int failures, Optional<String> reason) {}
}
