package dev.narthex.plugin.cargo;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A crate's name as its manifest writes it.
 *
 * @param text a letter, then at most 63 letters, digits, dashes and underscores, all of ASCII
 */
record CrateName(String text) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,63}");

    static Optional<CrateName> parse(String text) {
        return NAME.matcher(text).matches() ? Optional.of(new CrateName(text)) : Optional.empty();
    }

    /** One registry has no two crates whose names differ in nothing but case, or dash for underscore. */
    static String normalise(String text) {
        return text.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /** Where the index has it: two folders of its first letters, so that none gets too full. */
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
