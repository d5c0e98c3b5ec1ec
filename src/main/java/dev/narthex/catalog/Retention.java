package dev.narthex.catalog;

import dev.narthex.problem.Problem;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a cache keeps of its own accord, besides pins and released releases. Without a period everything stays for ever, and
 * the other rules say nothing.
 *
 * @param periodSeconds how long a path that nothing keeps stays; zero for ever, none as the instance has it, which is for ever
 * @param versions of each package so many stay, those published last; none for all
 * @param downloadedDays what was fetched in so many days stays
 */
public record Retention(Optional<Long> periodSeconds, Optional<Integer> versions, Optional<Integer> downloadedDays) {
    public static final Retention NONE = new Retention(Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * A client that was told that a path is here will not send it, and sends what refers to it a while later: so nothing that
     * was asked for yesterday goes, and nothing that is younger.
     */
    public static final int LEAST_DAYS = 2;

    private static final long LONGEST_PERIOD = Integer.MAX_VALUE;
    private static final int MOST_VERSIONS = 10_000;
    private static final int LAST_DAY = 365;

    public Retention {
        within("retentionSeconds", periodSeconds, 0, LONGEST_PERIOD);
        within("versions", versions.map(Integer::longValue), 1, MOST_VERSIONS);
        within("downloadedDays", downloadedDays.map(Integer::longValue), LEAST_DAYS, LAST_DAY);
    }

    /** By days, as people set it. */
    public static Retention ofDays(int days, Optional<Integer> versions, Optional<Integer> downloadedDays) {
        long most = Duration.ofSeconds(LONGEST_PERIOD).toDays();
        within("days", Optional.of((long) days), LEAST_DAYS, most);
        return new Retention(Optional.of(Duration.ofDays(days).toSeconds()), versions, downloadedDays);
    }

    public Retention withPeriod(Optional<Long> seconds) {
        return new Retention(seconds, versions, downloadedDays);
    }

    /** Whether nothing ever goes. */
    public boolean forEver() {
        return periodSeconds.orElse(0L) == 0;
    }

    /** How old a path must be to go; shorter periods are as long as the least one. */
    public Duration age() {
        var least = Duration.ofDays(LEAST_DAYS);
        var set = Duration.ofSeconds(periodSeconds.orElse(0L));
        return set.compareTo(least) < 0 ? least : set;
    }

    /** What was fetched or asked for in so many days stays. */
    public int usedDays() {
        return Math.max(LEAST_DAYS, downloadedDays.orElse(LEAST_DAYS));
    }

    /** As it is in the row of the cache. */
    Map<String, Long> stored() {
        var stored = new LinkedHashMap<String, Long>();
        periodSeconds.ifPresent(seconds -> stored.put("periodSeconds", seconds));
        versions.ifPresent(number -> stored.put("versions", number.longValue()));
        downloadedDays.ifPresent(days -> stored.put("downloadedDays", days.longValue()));
        return stored;
    }

    /** Parameters of the conditions of {@link Roots}. */
    Map<String, Object> parameters() {
        return Map.of("age", (double) age().toSeconds(), "used", usedDays(), "versions", versions.orElse(0));
    }

    /** In a sentence: {@code older than 30 days, except the last 5 versions and what was fetched in 90 days}. */
    @Override
    public String toString() {
        if (forEver()) {
            return "for ever";
        }
        return "periodSeconds " + periodSeconds.orElse(0L)
                + versions.map(n -> ", versions " + n).orElse("")
                + downloadedDays.map(n -> ", downloadedDays " + n).orElse("");
    }

    private static void within(String field, Optional<Long> value, long least, long most) {
        value.filter(given -> given < least || given > most).ifPresent(given -> {
            throw new Problem.Malformed(
                            field, Long.toString(given), "give a number from " + least + " to " + most + ".")
                    .asException();
        });
    }
}
