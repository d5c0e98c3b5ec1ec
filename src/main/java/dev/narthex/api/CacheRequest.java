package dev.narthex.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.narthex.admin.StoreDir;
import dev.narthex.catalog.cache.CacheSettings;
import dev.narthex.catalog.cache.Retention;
import dev.narthex.problem.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Request body: a cache to create, or the settings to change. A missing field keeps its current value; on creation it gets the
 * default: private, priority 41.
 *
 * @param name only on creation
 * @param sharesBytesWith name of a cache of the same owner, in whose dedup domain the new one is created; only on creation
 * @param quotaBytes 0 removes the limit; only admins may set it
 * @param uploadBytesPerMinute 0 removes the limit; only admins may set it
 */
record CacheRequest(
        Optional<String> name,
        Optional<String> sharesBytesWith,
        @JsonProperty("public") Optional<Boolean> open,
        Optional<String> summary,
        Optional<Integer> priority,
        Optional<String> storeDir,
        Optional<List<String>> upstreamKeyNames,
        Optional<Boolean> automaticReleases,
        Optional<RetentionRequest> retention,
        Optional<Long> quotaBytes,
        Optional<Long> uploadBytesPerMinute) {
    /** Values that replace null in a merge patch, where null resets a field. */
    static final Map<String, ?> NONE = Map.of(
            "summary",
            "",
            "upstreamKeyNames",
            List.of(),
            "retention",
            Map.of("days", 0),
            "quotaBytes",
            0,
            "uploadBytesPerMinute",
            0);

    /**
     * A complete retention policy.
     *
     * @param days how long paths are kept; 0 keeps everything
     * @param versions how many versions of each package are kept; absent or 0 keeps all
     * @param downloadedDays how long after a download a path is kept; absent or 0 for no such rule
     */
    record RetentionRequest(Optional<Integer> days, Optional<Integer> versions, Optional<Integer> downloadedDays) {
        Retention rules() {
            int period = days.orElseThrow(
                    () -> Problem.malformed("retention.days", "", "use a number of days, or 0 to keep everything."));
            return period == 0
                    ? Retention.NONE
                    : Retention.ofDays(
                            period,
                            versions.filter(number -> number != 0),
                            downloadedDays.filter(number -> number != 0));
        }
    }

    /** Returns whether the request sets limits, which only admins may do. */
    boolean setsLimits() {
        return quotaBytes.isPresent() || uploadBytesPerMinute.isPresent();
    }

    String requiredName() {
        return name.orElseThrow(() -> Problem.malformed("name", "", "a new cache needs a name."));
    }

    /**
     * Applies this request to the current settings.
     *
     * @throws dev.narthex.problem.ProblemException Malformed, naming the field and value that are not accepted
     */
    CacheSettings of(CacheSettings before) {
        StoreDir.require("storeDir", storeDir);
        return new CacheSettings(
                summary.map(String::strip).orElse(before.summary()),
                open.orElse(before.open()),
                priority.orElse(before.priority()),
                automaticReleases.orElse(before.automatic()),
                upstreamKeyNames.map(names -> withoutNull(names)).orElse(before.upstreamKeyNames()),
                retention.map(RetentionRequest::rules).orElse(before.retention()),
                limit(quotaBytes, before.quotaBytes()),
                limit(uploadBytesPerMinute, before.uploadBytesPerMinute()));
    }

    private static List<String> withoutNull(List<String> names) {
        if (names.contains(null)) {
            throw Problem.malformed("upstreamKeyNames", "null", "expected texts.");
        }
        return names;
    }

    private static Optional<Long> limit(Optional<Long> wanted, Optional<Long> before) {
        return wanted.isPresent() ? wanted.filter(number -> number != 0) : before;
    }

    /** Rejects fields that cannot change after creation. */
    void requireNothingFixed() {
        name.ifPresent(given -> reject("name", given, "the name of a cache cannot be changed."));
        sharesBytesWith.ifPresent(given ->
                reject("sharesBytesWith", given, "the dedup domain of a cache can be set only when it is created."));
    }

    private static void reject(String field, String given, String hint) {
        throw Problem.malformed(field, given, hint);
    }
}
