package dev.narthex.search;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
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

    /** Stands before terms that are the beginning of a whole name; no name has it. */
    static final String START = "^";

    /** Of longer ones few names begin alike. */
    private static final int MOST_BEGUN = 16;

    private static final Pattern BETWEEN = Pattern.compile("[^\\p{L}\\p{N}\\p{M}+]+");

    static Folded of(String name) {
        var dashed = BETWEEN.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("-");
        return new Folded(dashed.replaceAll("^-+|-+$", ""));
    }

    /** Whether this is typed up to where the next part of a name begins. */
    static boolean endsBetween(String typed) {
        var dashed = BETWEEN.matcher(typed).replaceAll("-");
        return dashed.length() > 1 && dashed.endsWith("-");
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

    /** The beginnings of the name and its parts, as somebody types them. As one term each they cost a question one look-up. */
    List<String> begun() {
        var begun = new LinkedHashSet<String>();
        cuts(text).forEach(cut -> begun.add(START + cut));
        beginnings().stream().flatMap(Folded::cuts).forEach(begun::add);
        return List.copyOf(begun);
    }

    private static Stream<String> cuts(String text) {
        return IntStream.rangeClosed(1, Math.min(MOST_BEGUN, text.length()))
                .filter(end -> !Character.isHighSurrogate(text.charAt(end - 1)))
                .mapToObj(end -> text.substring(0, end));
    }

    /** Whether this is short enough to be one of the terms of {@link #begun}. */
    boolean isCut() {
        return text.length() <= MOST_BEGUN;
    }

    /**
     * What is left of the name from each letter on at which no part of it begins: looking for a prefix among them finds what
     * is inside a name.
     */
    List<String> middles() {
        var middles = new ArrayList<String>();
        for (int i = 1; i <= Math.min(LOOKED_INTO, text.length() - SHORTEST_INSIDE); i++) {
            if (text.charAt(i) != '-' && text.charAt(i - 1) != '-') {
                middles.add(text.substring(i));
            }
        }
        return middles;
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
