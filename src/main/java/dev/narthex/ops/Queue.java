package dev.narthex.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Jobs: those that run, then those that failed, then those that wait, each by the time at which they are due.
 *
 * @param waiting how many there are in all, as the next two
 * @param after how many come before the next page; absent on the last one
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Queue(long waiting, long running, long failed, List<Queued> jobs, Optional<Integer> after) {
    /**
     * A job.
     *
     * @param key what it is about; {@code recurring} for one that comes by itself
     * @param state running, failed or waiting
     * @param due when it will run next; of one that runs, since when it was to
     * @param seen of one that runs, when its process last said so
     * @param failures one after the other, up to now
     * @param reason why it failed last
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Queued(
            String kind,
            String key,
            String state,
            Instant due,
            Optional<Instant> seen,
            int failures,
            Optional<Instant> failedAt,
            Optional<String> reason,
            Optional<Instant> succeededAt) {
        static final String REGULAR = "recurring";

        /** Whether it comes by itself, so that nobody can remove it. */
        public boolean regular() {
            return key.equals(REGULAR);
        }

        public boolean running() {
            return state.equals("running");
        }
    }
}
