package dev.narthex.catalog.cache;

import dev.narthex.problem.Problem;
import dev.narthex.retention.GcRoots;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The retention policy of a cache: rules for everything that is neither pinned nor released. Without a period, nothing is deleted
 * automatically and the other rules have no effect.
 *
 * @param periodSeconds how long unreferenced paths are kept; 0 forever, empty for the default of the instance, which is forever
 * @param versions how many versions of each package are kept, by publication date; empty for all
 * @param downloadedDays how many days after a download releases and paths are kept
 */
public record Retention(Optional<Long> periodSeconds, Optional<Integer> versions, Optional<Integer> downloadedDays) {
    public static final Retention NONE = new Retention(Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * Minimum period in days. Clients do not upload paths that the server reports as present, and may upload referrers of those
     * later. Paths that were pushed or queried since yesterday must therefore stay.
     */
    public static final int LEAST_DAYS = 2;

    private static final long MAX_PERIOD = Integer.MAX_VALUE;
    private static final int MAX_VERSIONS = 10_000;
    private static final int LAST_DAY = 365;

    public Retention {
        requireRange("retentionSeconds", periodSeconds, 0, MAX_PERIOD);
        requireRange("versions", versions.map(Integer::longValue), 1, MAX_VERSIONS);
        requireRange("downloadedDays", downloadedDays.map(Integer::longValue), LEAST_DAYS, LAST_DAY);
    }

    /** Creates a policy with a period in days, as users enter it. */
    public static Retention ofDays(int days, Optional<Integer> versions, Optional<Integer> downloadedDays) {
        long max = Duration.ofSeconds(MAX_PERIOD).toDays();
        requireRange("days", Optional.of((long) days), LEAST_DAYS, max);
        return new Retention(Optional.of(Duration.ofDays(days).toSeconds()), versions, downloadedDays);
    }

    public Retention withPeriod(Optional<Long> seconds) {
        return new Retention(seconds, versions, downloadedDays);
    }

    /** Returns whether nothing is deleted automatically. */
    public boolean keepsForever() {
        return periodSeconds.orElse(0L) == 0;
    }

    /** Returns the minimum age of paths to delete: the period, but at least {@link #LEAST_DAYS}. */
    public Duration age() {
        var least = Duration.ofDays(LEAST_DAYS);
        var set = Duration.ofSeconds(periodSeconds.orElse(0L));
        return set.compareTo(least) < 0 ? least : set;
    }

    /** Returns for how many days paths are kept after a download or query. */
    public int usedDays() {
        return Math.max(LEAST_DAYS, downloadedDays.orElse(LEAST_DAYS));
    }

    /** Returns the JSON object that is stored with the cache. */
    Map<String, Long> stored() {
        var stored = new LinkedHashMap<String, Long>();
        periodSeconds.ifPresent(seconds -> stored.put("periodSeconds", seconds));
        versions.ifPresent(number -> stored.put("versions", number.longValue()));
        downloadedDays.ifPresent(days -> stored.put("downloadedDays", days.longValue()));
        return stored;
    }

    /** Returns the parameters of the conditions in {@link GcRoots}. */
    public Map<String, Object> parameters() {
        return Map.of("age", (double) age().toSeconds(), "used", usedDays(), "versions", versions.orElse(0));
    }

    /** Formats the policy for the audit log: {@code periodSeconds 2592000, versions 5, downloadedDays 90}. */
    @Override
    public String toString() {
        if (keepsForever()) {
            return "for ever";
        }
        return "periodSeconds " + periodSeconds.orElse(0L)
                + versions.map(n -> ", versions " + n).orElse("")
                + downloadedDays.map(n -> ", downloadedDays " + n).orElse("");
    }

    private static void requireRange(String field, Optional<Long> value, long least, long max) {
        value.filter(given -> given < least || given > max).ifPresent(given -> {
            throw Problem.malformed(field, Long.toString(given), "use a number from " + least + " to " + max + ".");
        });
    }
}
