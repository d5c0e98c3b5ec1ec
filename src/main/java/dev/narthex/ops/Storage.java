package dev.narthex.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.store.PackFigures;
import dev.narthex.store.ScrubFigures;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is kept, whether it is whole, and when it was last swept.
 *
 * @param caches that are not removed, with {@code paths} of {@code narBytes}, each counted in full
 * @param databaseBytes of all tables; small files are kept there
 * @param collections of all caches, the last ones, newest first
 * @param lost some of the paths whose bytes are damaged or gone
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Storage(
        long caches,
        long paths,
        long narBytes,
        PackFigures.Figures packs,
        long databaseBytes,
        Sweeping sweep,
        List<Collected> collections,
        ScrubFigures.Figures checks,
        List<LostPath> lost,
        Snapshots.Figures snapshots) {
    /**
     * A path whose bytes are damaged until they are pushed again.
     *
     * @param path in full
     */
    public record LostPath(String cache, String hashPart, String path) {}

    /**
     * A collection of a cache that freed something or tried to.
     *
     * @param asked whether somebody asked for it; else it came by night
     * @param ended absent while it runs
     * @param bytes of NARs, as the cache counts them
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Collected(
            String cache,
            Instant started,
            Optional<Instant> ended,
            boolean asked,
            long paths,
            long bytes,
            long releases) {}

    /** @param failures one after the other, up to now */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Sweeping(Optional<Instant> last, Optional<Instant> next, int failures, Optional<String> reason) {}
}
