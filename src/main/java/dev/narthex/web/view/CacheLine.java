package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;

/**
 * A cache in a list.
 *
 * @param packages number of packages with a released version, in all ecosystems
 * @param narBytes sum of the NAR sizes of all paths, in bytes; shared data is counted once per path
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record CacheLine(
        String url,
        String name,
        String summary,
        boolean open,
        long packages,
        long paths,
        long narBytes,
        Optional<Instant> lastPush) {}
