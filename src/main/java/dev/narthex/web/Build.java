package dev.narthex.web;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Identifies the running code. */
final class Build {
    /** Start time of this process. */
    static final Instant STARTED = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    /**
     * Part of every page's ETag, so that no cached page outlives the templates that rendered it. It is the start time of the
     * process, which changes a little too often (each client then fetches a page again), but never too rarely.
     */
    static final String MARK = Long.toString(STARTED.getEpochSecond(), 36);

    private Build() {}
}
