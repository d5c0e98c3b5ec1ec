package dev.narthex.search;

import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A question as typed, taken apart. {@code license:MIT} and {@code file:bin/lantern} narrow, {@code "two words"} stand next
 * to each other, and all other words must be found, in any order.
 *
 * @param plain the words as they stood, with one space between
 * @param words each with a letter or digit in it
 */
record Words(String plain, List<String> words, List<String> phrases, List<String> licences, List<String> files) {
    private static final int LENGTH_LIMIT = 200;
    private static final int WORD_LIMIT = 8;
    private static final Pattern ITEM = Pattern.compile("(license|licence|file):(\\S+)|\"([^\"]*)\"|(\\S+)");

    static Words of(String text) {
        var clean = text.replace('\0', ' ').strip();
        var items = ITEM.matcher(clean.substring(0, Math.min(LENGTH_LIMIT, clean.length())))
                .results()
                .toList();
        var words = items.stream()
                .flatMap(item -> Stream.ofNullable(item.group(4)))
                .filter(word -> !Folded.of(word).isEmpty())
                .limit(WORD_LIMIT)
                .toList();
        return new Words(
                String.join(" ", words),
                words,
                items.stream()
                        .flatMap(item -> Stream.ofNullable(item.group(3)))
                        .filter(phrase -> !Folded.of(phrase).isEmpty())
                        .limit(WORD_LIMIT)
                        .toList(),
                narrowing(items, "licen"),
                narrowing(items, "file"));
    }

    boolean isEmpty() {
        return words.isEmpty() && phrases.isEmpty() && licences.isEmpty() && files.isEmpty();
    }

    /** What was typed as one name. */
    Folded folded() {
        return Folded.of(plain);
    }

    private static List<String> narrowing(List<MatchResult> items, String kind) {
        return items.stream()
                .filter(item -> item.group(1) != null && item.group(1).startsWith(kind))
                .map(item -> item.group(2).toLowerCase(Locale.ROOT))
                .limit(WORD_LIMIT)
                .toList();
    }
}
