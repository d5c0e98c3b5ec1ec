package dev.narthex.web.page;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Identifies the running code. */
public final class BuildVersion {
    /** Start time of this process. */
    public static final Instant STARTED = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    /**
     * Part of every page's ETag, so that no cached page outlives the templates that rendered it. It is the start time of the
     * process, which changes a little too often (each client then fetches a page again), but never too rarely.
     */
    public static final String MARK = Long.toString(STARTED.getEpochSecond(), 36);

    private BuildVersion() {}
}
