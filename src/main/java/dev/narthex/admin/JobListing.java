package dev.narthex.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The job queue: running jobs, then failed ones, then waiting ones, each by due time.
 *
 * @param waiting total number, as for the next two
 * @param after number of jobs to skip for the next page; absent on the last page
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record JobListing(long waiting, long running, long failed, List<QueuedJob> jobs, Optional<Integer> after) {
    /**
     * A job.
     *
     * @param key what the job works on; {@code recurring} for a recurring job
     * @param state running, failed or waiting
     * @param due next run; for a running job, when it was due
     * @param seen last heartbeat of a running job
     * @param failures number of consecutive failures
     * @param reason why it failed last
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record QueuedJob(
            String kind,
            String key,
            String state,
            Instant due,
            Optional<Instant> seen,
            int failures,
            Optional<Instant> failedAt,
            Optional<String> reason,
            Optional<Instant> succeededAt) {
        static final String RECURRING = "recurring";

        /** Returns whether this job is recurring and so cannot be removed. */
        public boolean recurring() {
            return key.equals(RECURRING);
        }

        public boolean running() {
            return state.equals("running");
        }
    }
}
