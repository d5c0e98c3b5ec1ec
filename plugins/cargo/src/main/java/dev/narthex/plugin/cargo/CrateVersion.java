package dev.narthex.plugin.cargo;

import dev.narthex.ecosystem.SortKeyBuilder;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A semantic version (semver.org 2.0.0 §9 to §11). Build metadata is kept, as cargo prints it, and sorts last.
 *
 * @param prerelease dot-separated identifiers; empty for a release
 * @param build build metadata; may be empty
 */
record CrateVersion(String major, String minor, String patch, String prerelease, String build) {
    private static final int MAX_LENGTH = 256;
    private static final int MAX_DIGITS = 20;
    private static final String NUMBER = "(0|[1-9][0-9]{0," + (MAX_DIGITS - 1) + "})";
    private static final String IDENTIFIER = "(?:[0-9]*+[A-Za-z-][0-9A-Za-z-]*+|0|[1-9][0-9]*+)";
    private static final Pattern SEMVER = Pattern.compile(NUMBER + "\\." + NUMBER + "\\." + NUMBER + "(?:-("
            + IDENTIFIER + "(?:\\." + IDENTIFIER + ")*+))?+(?:\\+([0-9A-Za-z.-]++))?+");

    static Optional<CrateVersion> parse(String text) {
        var m = SEMVER.matcher(text);
        return text.length() <= MAX_LENGTH && m.matches()
                ? Optional.of(new CrateVersion(m.group(1), m.group(2), m.group(3), part(m, 4), part(m, 5)))
                : Optional.empty();
    }

    /** Returns a key whose unsigned byte order is precedence. Texts that are not versions sort before all versions. */
    static byte[] key(String text) {
        return parse(text)
                .map(CrateVersion::key)
                .orElseGet(() -> new SortKeyBuilder().mark(0).text(text).toBytes());
    }

    private byte[] key() {
        var key = new SortKeyBuilder().mark(1).number(major).number(minor).number(patch);
        if (prerelease.isEmpty()) {
            return key.mark(1).text(build).toBytes();
        }
        key.mark(0);
        for (var identifier : prerelease.split("\\.")) {
            if (identifier.matches("[0-9]+")) {
                key.mark(1).number(identifier);
            } else {
                key.mark(2).text(identifier);
            }
        }
        return key.mark(0).text(build).toBytes();
    }

    private static String part(Matcher m, int group) {
        return m.group(group) == null ? "" : m.group(group);
    }
}
