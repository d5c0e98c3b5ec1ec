package dev.narthex.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.store.PackFigures;
import java.time.Instant;
import java.util.Optional;

/**
 * What is kept, and when it was last swept.
 *
 * @param caches that are not removed, with {@code paths} of {@code narBytes}, each counted in full
 * @param databaseBytes of all tables; small files are kept there
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Storage(
        long caches, long paths, long narBytes, PackFigures.Figures packs, long databaseBytes, Sweeping sweep) {
    /** @param failures one after the other, up to now */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Sweeping(Optional<Instant> last, Optional<Instant> next, int failures, Optional<String> reason) {}
}
