package dev.narthex.search;

import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A parsed search query. {@code license:MIT}, {@code file:bin/lantern} and {@code ref:} with a store path or its hash part are
 * filters, {@code "two words"} is a phrase, and all other words must match, in any order. Longer queries are cut at 200
 * characters and 8 items of each kind.
 *
 * @param plain the words as typed, joined by single spaces
 * @param words each contains a letter or digit
 */
record ParsedQuery(
        String plain,
        List<String> words,
        List<String> phrases,
        List<String> licences,
        List<String> files,
        List<String> refs) {
    private static final int MAX_LENGTH = 200;
    private static final int MAX_WORD = 8;
    private static final int HASH_PART = 32;
    private static final Pattern ITEM = Pattern.compile("(license|licence|file|ref):(\\S+)|\"([^\"]*)\"|(\\S+)");

    static ParsedQuery of(String text) {
        var clean = text.replace('\0', ' ').strip();
        var items = ITEM.matcher(clean.substring(0, Math.min(MAX_LENGTH, clean.length())))
                .results()
                .toList();
        var words = items.stream()
                .flatMap(item -> Stream.ofNullable(item.group(4)))
                .filter(word -> !FoldedName.of(word).isEmpty())
                .limit(MAX_WORD)
                .toList();
        return new ParsedQuery(
                String.join(" ", words),
                words,
                items.stream()
                        .flatMap(item -> Stream.ofNullable(item.group(3)))
                        .filter(phrase -> !FoldedName.of(phrase).isEmpty())
                        .limit(MAX_WORD)
                        .toList(),
                narrowing(items, "licen"),
                narrowing(items, "file"),
                narrowing(items, "ref").stream().flatMap(ParsedQuery::hashPart).toList());
    }

    boolean isEmpty() {
        return words.isEmpty() && phrases.isEmpty() && licences.isEmpty() && files.isEmpty() && refs.isEmpty();
    }

    /** Returns the words as a single name. */
    FoldedName folded() {
        return FoldedName.of(plain);
    }

    /** Extracts the hash part from a store path, or from its base name. */
    private static Stream<String> hashPart(String text) {
        var base = text.substring(text.lastIndexOf('/') + 1);
        return Stream.of(base.substring(0, Math.min(HASH_PART, base.length())));
    }

    private static List<String> narrowing(List<MatchResult> items, String kind) {
        return items.stream()
                .filter(item -> item.group(1) != null && item.group(1).startsWith(kind))
                .map(item -> item.group(2).toLowerCase(Locale.ROOT))
                .limit(MAX_WORD)
                .toList();
    }
}
