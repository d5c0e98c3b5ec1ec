package dev.narthex.tenant;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.narthex.catalog.CacheSettings;
import dev.narthex.catalog.Retention;
import dev.narthex.problem.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What somebody wants of a cache, as JSON. What is not said stays as it is, or as it is with a new cache: private, with
 * priority 41.
 *
 * @param name of a new one
 * @param sharesBytesWith a cache of the same owner, for a new one
 * @param quotaBytes zero for no limit, as the next
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
        Optional<Wanted> retention,
        Optional<Long> quotaBytes,
        Optional<Long> uploadBytesPerMinute) {
    /** Values that mean the same as null in a patch. */
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
     * What is kept, as a whole.
     *
     * @param days zero to keep everything for ever
     * @param versions zero, or nothing, to keep all
     * @param downloadedDays likewise, for no such rule
     */
    record Wanted(Optional<Integer> days, Optional<Integer> versions, Optional<Integer> downloadedDays) {
        Retention rules() {
            int period = days.orElseThrow(
                    () -> new Problem.Malformed("retention.days", "", "give days, or 0 for ever.").asException());
            return period == 0
                    ? Retention.NONE
                    : Retention.ofDays(
                            period,
                            versions.filter(number -> number != 0),
                            downloadedDays.filter(number -> number != 0));
        }
    }

    /** Whether it is about what only admins set. */
    boolean setsLimits() {
        return quotaBytes.isPresent() || uploadBytesPerMinute.isPresent();
    }

    String requiredName() {
        return name.orElseThrow(() -> new Problem.Malformed("name", "", "give the new cache a name.").asException());
    }

    /** @throws dev.narthex.problem.ProblemException Malformed, naming what cannot change or cannot be */
    CacheSettings of(CacheSettings before) {
        StoreDir.require("storeDir", storeDir);
        return new CacheSettings(
                summary.map(String::strip).orElse(before.summary()),
                open.orElse(before.open()),
                priority.orElse(before.priority()),
                automaticReleases.orElse(before.automatic()),
                upstreamKeyNames.map(names -> withoutNull(names)).orElse(before.upstreamKeyNames()),
                retention.map(Wanted::rules).orElse(before.retention()),
                limit(quotaBytes, before.quotaBytes()),
                limit(uploadBytesPerMinute, before.uploadBytesPerMinute()));
    }

    private static List<String> withoutNull(List<String> names) {
        if (names.contains(null)) {
            throw new Problem.Malformed("upstreamKeyNames", "null", "expected texts.").asException();
        }
        return names;
    }

    private static Optional<Long> limit(Optional<Long> wanted, Optional<Long> before) {
        return wanted.isPresent() ? wanted.filter(number -> number != 0) : before;
    }

    /** Of a cache that is there. */
    void requireNothingFixed() {
        name.ifPresent(given -> refuse("name", given, "a cache keeps its name for ever."));
        sharesBytesWith.ifPresent(given ->
                refuse("sharesBytesWith", given, "with whom a cache shares bytes is decided when it is made."));
    }

    private static void refuse(String field, String given, String hint) {
        throw new Problem.Malformed(field, given, hint).asException();
    }
}
