package dev.narthex.ecosystem.pypi;

import dev.narthex.spi.Dependency;
import dev.narthex.spi.UntrustedText;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One Requires-Dist field (PEP 508), such as {@code idna (<4,>=2.5); extra == "socks"}; old tools write the parentheses.
 *
 * @param range specifiers as written, without the parentheses, or {@code @} and a URL
 * @param marker as written; empty if there is none
 */
record Requirement(String name, String range, String marker) {
    private static final Pattern PARTS = Pattern.compile(
            "([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\\s*(?:\\[([^\\]]*)\\])?\\s*([^;]*?)\\s*(?:;\\s*(.*))?");
    private static final Pattern EXTRA = Pattern.compile(".*\\bextra\\s*==\\s*['\"]([A-Za-z0-9._-]{1,100})['\"].*");

    static Optional<Requirement> parse(String text) {
        var m = PARTS.matcher(UntrustedText.line(text));
        if (!m.matches()) {
            return Optional.empty();
        }
        var range = orEmpty(m.group(3));
        boolean wrapped = range.startsWith("(") && range.endsWith(")");
        return Optional.of(new Requirement(
                m.group(1), wrapped ? range.substring(1, range.length() - 1).strip() : range, orEmpty(m.group(4))));
    }

    /** Converts it to a dependency whose kind is its extra, or "runtime". */
    Dependency dependency() {
        var extra = EXTRA.matcher(marker);
        var whole = marker.isEmpty() ? range : (range + "; " + marker).strip();
        return new Dependency(name, ProjectName.normalize(name), whole, extra.matches() ? extra.group(1) : "runtime");
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
