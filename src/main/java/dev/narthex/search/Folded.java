package dev.narthex.search;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A name as it is compared: lower case, and one dash for whatever stands between its parts, so that {@code Foo_Bar},
 * {@code foo.bar} and {@code @foo/bar} are all {@code foo-bar}.
 *
 * @param text without a dash at either end; empty for a text without letters and digits
 */
record Folded(String text) {
    /** Parts of names that begin later than this are not looked into. */
    private static final int LOOKED_INTO = 100;

    /** Shorter parts of a word match too much. */
    static final int SHORTEST_INSIDE = 3;

    private static final Pattern BETWEEN = Pattern.compile("[^\\p{L}\\p{N}\\p{M}+]+");

    static Folded of(String name) {
        var dashed = BETWEEN.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("-");
        return new Folded(dashed.replaceAll("^-+|-+$", ""));
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    /** The name itself, and what is left of it from each later part on: what a reader may begin to type. */
    List<String> beginnings() {
        return Stream.concat(Stream.of(0), dashes().stream().map(dash -> dash + 1))
                .map(text::substring)
                .toList();
    }

    /** The name itself and each part of it. */
    List<String> parts() {
        var parts = new LinkedHashSet<>(List.of(text));
        parts.addAll(List.of(text.split("-")));
        return List.copyOf(parts);
    }

    /** What is left of the name from each letter on, so that looking for a prefix among them finds what is inside a name. */
    List<String> endings() {
        var endings = new ArrayList<String>();
        for (int i = 0; i <= Math.min(LOOKED_INTO, text.length() - SHORTEST_INSIDE); i++) {
            if (text.charAt(i) != '-') {
                endings.add(text.substring(i));
            }
        }
        return endings;
    }

    private List<Integer> dashes() {
        return Pattern.compile("-")
                .matcher(text)
                .results()
                .map(dash -> dash.start())
                .filter(dash -> dash < LOOKED_INTO)
                .toList();
    }
}
