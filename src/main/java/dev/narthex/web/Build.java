package dev.narthex.web;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Which code answers. */
final class Build {
    /** When this process started. */
    static final Instant STARTED = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    /**
     * In validators of pages, so that none outlives the templates that made it. The start stands for the code: it changes a
     * little too often, which costs each reader one page, and never too seldom.
     */
    static final String MARK = Long.toString(STARTED.getEpochSecond(), 36);

    private Build() {}
}
