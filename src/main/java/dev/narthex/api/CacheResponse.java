package dev.narthex.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.narthex.catalog.cache.Retention;
import java.util.List;
import java.util.Optional;

/**
 * Response body: a cache with its settings and usage, as its owners see it.
 *
 * @param publicKeys of the keys that sign, oldest first
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@JsonPropertyOrder({"name", "public"})
record CacheResponse(
        String name,
        @JsonProperty("public") boolean open,
        String summary,
        int priority,
        String storeDir,
        List<String> upstreamKeyNames,
        boolean automaticReleases,
        Optional<RetentionResponse> retention,
        List<String> publicKeys,
        Usage usage,
        Optional<Long> quotaBytes,
        Optional<Long> uploadBytesPerMinute) {
    /** The retention policy; absent if the cache keeps everything. */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record RetentionResponse(long days, Optional<Integer> versions, Optional<Integer> downloadedDays) {
        static Optional<RetentionResponse> of(Retention rules) {
            return rules.keepsForever()
                    ? Optional.empty()
                    : Optional.of(
                            new RetentionResponse(rules.age().toDays(), rules.versions(), rules.downloadedDays()));
        }
    }

    /** @param narBytes sum of the NAR sizes of all paths, before deduplication and compression */
    record Usage(long paths, long narBytes) {}
}
