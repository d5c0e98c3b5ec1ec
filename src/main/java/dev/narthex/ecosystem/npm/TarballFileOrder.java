package dev.narthex.ecosystem.npm;

import java.util.Comparator;
import java.util.Locale;

/**
 * The order of files in a tarball: extension, base name, path, so that similar files are adjacent (npm/npm-packlist lib/index.js,
 * {@code sort}). Each is compared like JavaScript's {@code localeCompare} for English: case-insensitively first, then lower case
 * before upper case. Exact for ASCII. Other characters sort after ASCII by code unit, because ICU's tables change between
 * versions.
 */
final class TarballFileOrder {
    /** ASCII characters except letters, in the order of the Unicode CLDR root collation. */
    private static final String BEFORE_LETTERS = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789";

    static final Comparator<String> PATHS = Comparator.comparing(
                    (String path) -> lower(extension(path)), TarballFileOrder::compare)
            .thenComparing(path -> lower(base(path)), TarballFileOrder::compare)
            .thenComparing(TarballFileOrder::compare)
            .thenComparing(Comparator.naturalOrder());

    private TarballFileOrder() {}

    private static int compare(String a, String b) {
        int letters = compare(lower(a), lower(b), TarballFileOrder::weight);
        return letters != 0 ? letters : compare(a, b, c -> Character.isUpperCase(c) ? 1 : 0);
    }

    private interface SortWeight {
        int of(char c);
    }

    private static int compare(String a, String b, SortWeight weight) {
        int shorter = Math.min(a.length(), b.length());
        for (int i = 0; i < shorter; i++) {
            int order = Integer.compare(weight.of(a.charAt(i)), weight.of(b.charAt(i)));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    private static int weight(char c) {
        int before = BEFORE_LETTERS.indexOf(c);
        return before >= 0 ? before : BEFORE_LETTERS.length() + c;
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static String base(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Returns the extension with its dot; empty if the only dot is the first character. */
    private static String extension(String path) {
        var base = base(path);
        int dot = base.lastIndexOf('.');
        return dot > 0 ? base.substring(dot) : "";
    }
}
