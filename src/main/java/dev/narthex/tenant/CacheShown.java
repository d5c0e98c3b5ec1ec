package dev.narthex.tenant;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Optional;

/**
 * A cache as its owners see it.
 *
 * @param publicKeys those that sign, oldest first
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@JsonPropertyOrder({"name", "public"})
record CacheShown(
        String name,
        @JsonProperty("public") boolean open,
        String summary,
        int priority,
        String storeDir,
        List<String> upstreamKeyNames,
        boolean automaticReleases,
        List<String> publicKeys,
        Usage usage,
        Optional<Long> quotaBytes,
        Optional<Long> uploadBytesPerMinute) {
    /** @param narBytes of all paths together, each counted in full */
    record Usage(long paths, long narBytes) {}
}
