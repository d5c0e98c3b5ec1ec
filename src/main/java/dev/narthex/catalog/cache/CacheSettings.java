package dev.narthex.catalog.cache;

import dev.narthex.problem.Problem;
import java.util.List;
import java.util.Optional;

/**
 * The settings of a cache: those of its owners, and the limits set by admins.
 *
 * @param open whether everyone may read the cache
 * @param priority as in nix-cache-info: lower numbers are preferred
 * @param automatic whether recognized releases are released without a maintainer's promotion
 * @param upstreamKeyNames attic's clients do not upload paths that are signed by one of these keys
 * @param retention the rules for paths that are neither pinned nor released
 * @param quotaBytes maximum sum of the NAR sizes of all paths, before deduplication and compression
 * @param uploadBytesPerMinute maximum average upload rate, in NAR bytes
 */
public record CacheSettings(
        String summary,
        boolean open,
        int priority,
        boolean automatic,
        List<String> upstreamKeyNames,
        Retention retention,
        Optional<Long> quotaBytes,
        Optional<Long> uploadBytesPerMinute) {
    private static final int MAX_SUMMARY_LENGTH = 500;
    private static final int LAST_PRIORITY = 1_000_000;
    private static final int MAX_KEY_NAMES = 100;
    private static final int MAX_KEY_NAME_LENGTH = 100;

    public CacheSettings {
        upstreamKeyNames = List.copyOf(upstreamKeyNames);
        require(
                summary.length() <= MAX_SUMMARY_LENGTH && isPrintable(summary),
                "summary",
                summary,
                "give at most " + MAX_SUMMARY_LENGTH + " printable characters.");
        require(
                priority >= 0 && priority <= LAST_PRIORITY,
                "priority",
                Integer.toString(priority),
                "use a number from 0 to " + LAST_PRIORITY + "; lower ones are queried first.");
        require(
                upstreamKeyNames.size() <= MAX_KEY_NAMES
                        && upstreamKeyNames.stream().allMatch(CacheSettings::isKeyName),
                "upstreamKeyNames",
                String.join(", ", upstreamKeyNames),
                "give at most " + MAX_KEY_NAMES
                        + " names of keys, such as cache.nixos.org-1, without what follows the colon.");
        requireRange("quotaBytes", quotaBytes, 1, Long.MAX_VALUE);
        requireRange("uploadBytesPerMinute", uploadBytesPerMinute, 1, Long.MAX_VALUE);
    }

    /** Returns a copy that is public or private. */
    public CacheSettings withOpen(boolean everyone) {
        return new CacheSettings(
                summary, everyone, priority, automatic, upstreamKeyNames, retention, quotaBytes, uploadBytesPerMinute);
    }

    public CacheSettings withSummary(String text) {
        return new CacheSettings(
                text, open, priority, automatic, upstreamKeyNames, retention, quotaBytes, uploadBytesPerMinute);
    }

    public CacheSettings withAutomatic(boolean released) {
        return new CacheSettings(
                summary, open, priority, released, upstreamKeyNames, retention, quotaBytes, uploadBytesPerMinute);
    }

    /**
     * Returns a copy with other settings for nix clients: the priority, and the keys whose paths attic's clients do not upload.
     */
    public CacheSettings withOrder(int place, List<String> keyNames) {
        return new CacheSettings(
                summary, open, place, automatic, keyNames, retention, quotaBytes, uploadBytesPerMinute);
    }

    public CacheSettings withLimits(Optional<Long> bytes, Optional<Long> bytesPerMinute) {
        return new CacheSettings(
                summary, open, priority, automatic, upstreamKeyNames, retention, bytes, bytesPerMinute);
    }

    public CacheSettings withRetention(Retention rules) {
        return new CacheSettings(
                summary, open, priority, automatic, upstreamKeyNames, rules, quotaBytes, uploadBytesPerMinute);
    }

    private static boolean isPrintable(String text) {
        return text.chars().noneMatch(Character::isISOControl);
    }

    /** Accepts the empty name, which attic's client sends and no key has. */
    private static boolean isKeyName(String name) {
        return name.length() <= MAX_KEY_NAME_LENGTH && isPrintable(name) && !name.contains(":");
    }

    private static void requireRange(String field, Optional<Long> value, long least, long max) {
        value.ifPresent(given -> require(
                given >= least && given <= max,
                field,
                Long.toString(given),
                "use a number from " + least + " to " + max + "."));
    }

    private static void require(boolean valid, String field, String given, String hint) {
        if (!valid) {
            throw Problem.malformed(field, given, hint);
        }
    }
}
