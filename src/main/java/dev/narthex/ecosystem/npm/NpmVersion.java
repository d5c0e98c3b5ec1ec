package dev.narthex.ecosystem.npm;

import dev.narthex.ecosystem.SortKeyBuilder;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A semantic version (semver.org 2.0.0 §9 to §11) without build metadata, which npm drops when it publishes.
 *
 * @param prerelease dot-separated identifiers; empty for a release
 */
record NpmVersion(String major, String minor, String patch, String prerelease) {
    private static final int MAX_LENGTH = 256;
    private static final String NUMBER = "(0|[1-9][0-9]*+)";
    private static final String IDENTIFIER = "(?:[0-9]*+[A-Za-z-][0-9A-Za-z-]*+|0|[1-9][0-9]*+)";
    private static final Pattern SEMVER = Pattern.compile("[v=\\s]*+" + NUMBER + "\\." + NUMBER + "\\." + NUMBER
            + "(?:-(" + IDENTIFIER + "(?:\\." + IDENTIFIER + ")*+))?+(?:\\+[0-9A-Za-z.-]++)?+\\s*+");
    private static final int SAFE_DIGITS = 16;
    private static final long SAFE = (1L << 53) - 1;

    /** @return empty if npm would reject it: numbers above 2^53 - 1, texts above {@value #MAX_LENGTH} characters */
    static Optional<NpmVersion> parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        var m = SEMVER.matcher(text);
        if (!m.matches() || !safe(m.group(1)) || !safe(m.group(2)) || !safe(m.group(3))) {
            return Optional.empty();
        }
        return Optional.of(new NpmVersion(m.group(1), m.group(2), m.group(3), m.group(4) == null ? "" : m.group(4)));
    }

    /** Returns a key whose unsigned byte order is precedence. Texts that are not versions sort before all versions. */
    static byte[] key(String text) {
        return parse(text)
                .map(NpmVersion::key)
                .orElseGet(() -> new SortKeyBuilder().mark(0).text(text).toBytes());
    }

    byte[] key() {
        var key = new SortKeyBuilder().mark(1).number(major).number(minor).number(patch);
        if (prerelease.isEmpty()) {
            return key.mark(1).toBytes();
        }
        key.mark(0);
        for (var identifier : prerelease.split("\\.")) {
            if (identifier.matches("[0-9]+")) {
                key.mark(1).number(identifier);
            } else {
                key.mark(2).text(identifier);
            }
        }
        return key.mark(0).toBytes();
    }

    @Override
    public String toString() {
        var release = major + "." + minor + "." + patch;
        return prerelease.isEmpty() ? release : release + "-" + prerelease;
    }

    private static boolean safe(String digits) {
        return digits.length() < SAFE_DIGITS || (digits.length() == SAFE_DIGITS && Long.parseLong(digits) <= SAFE);
    }
}
