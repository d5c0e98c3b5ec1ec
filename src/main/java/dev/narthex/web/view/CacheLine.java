package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;

/**
 * A cache in a list.
 *
 * @param packages of all ecosystems, with something released
 * @param narBytes of all its paths together, each counted in full
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
