package dev.narthex.plugin.cargo;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a crate as its manifest writes it.
 *
 * @param text an ASCII letter, then at most 63 ASCII letters, digits, dashes and underscores
 */
record CrateName(String text) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,63}");

    static Optional<CrateName> parse(String text) {
        return NAME.matcher(text).matches() ? Optional.of(new CrateName(text)) : Optional.empty();
    }

    /** Normalizes case and dashes: two crates of a registry must differ in more than that. */
    static String normalize(String text) {
        return text.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /** Returns its path in the index: two directories of its first letters, so that no directory gets too large. */
    String indexPath() {
        var lower = text.toLowerCase(Locale.ROOT);
        return switch (lower.length()) {
            case 1 -> "1/" + lower;
            case 2 -> "2/" + lower;
            case 3 -> "3/" + lower.charAt(0) + "/" + lower;
            default -> lower.substring(0, 2) + "/" + lower.substring(2, 4) + "/" + lower;
        };
    }
}
