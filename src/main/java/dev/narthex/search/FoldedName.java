package dev.narthex.search;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A name normalized for comparison: lower case, with one dash for any separator between its parts, so that {@code Foo_Bar},
 * {@code foo.bar} and {@code @foo/bar} all become {@code foo-bar}.
 *
 * @param text has no dash at either end; empty if the name has no letters or digits
 */
public record FoldedName(String text) {
    /** Parts of names that start beyond this position are not indexed. */
    private static final int LOOKED_INTO = 100;

    /** Minimum length of text found in the middle of a word; shorter text matches too much. */
    static final int SHORTEST_INSIDE = 3;

    /** Prefix of the terms that begin at the start of a name. No name contains it. */
    static final String START = "^";

    /**
     * Maximum length of the terms in {@link #prefixes}. Few names share a longer prefix, so longer ones are searched by a prefix
     * query.
     */
    private static final int MAX_PREFIXES = 16;

    private static final Pattern BETWEEN = Pattern.compile("[^\\p{L}\\p{N}\\p{M}+]+");

    public static FoldedName of(String name) {
        var dashed = BETWEEN.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("-");
        return new FoldedName(dashed.replaceAll("^-+|-+$", ""));
    }

    /** Returns whether the typed text ends with a separator, so that the next part of the name follows. */
    static boolean endsBetween(String typed) {
        var dashed = BETWEEN.matcher(typed).replaceAll("-");
        return dashed.length() > 1 && dashed.endsWith("-");
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    /** Returns the name and its suffixes from each later part on, so that a prefix query finds any part. */
    List<String> suffixes() {
        return Stream.concat(Stream.of(0), dashes().stream().map(dash -> dash + 1))
                .map(text::substring)
                .toList();
    }

    /** Returns the name and each of its parts. */
    List<String> parts() {
        var parts = new LinkedHashSet<>(List.of(text));
        parts.addAll(List.of(text.split("-")));
        return List.copyOf(parts);
    }

    /**
     * Returns the prefixes of the name and of its suffixes, for search as you type. Each is an indexed term, so a query needs a
     * single term look-up.
     */
    List<String> prefixes() {
        var begun = new LinkedHashSet<String>();
        prefixesOf(text).forEach(cut -> begun.add(START + cut));
        suffixes().stream().flatMap(FoldedName::prefixesOf).forEach(begun::add);
        return List.copyOf(begun);
    }

    private static Stream<String> prefixesOf(String text) {
        return IntStream.rangeClosed(1, Math.min(MAX_PREFIXES, text.length()))
                .filter(end -> !Character.isHighSurrogate(text.charAt(end - 1)))
                .mapToObj(end -> text.substring(0, end));
    }

    /** Returns whether this is short enough to be a term of {@link #prefixes}. */
    boolean isCut() {
        return text.length() <= MAX_PREFIXES;
    }

    /** Returns the suffixes of the name that begin inside a part. A prefix query on them finds text in the middle of a word. */
    List<String> innerSuffixes() {
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
