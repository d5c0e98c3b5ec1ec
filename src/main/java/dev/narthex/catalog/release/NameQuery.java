package dev.narthex.catalog.release;

import dev.narthex.db.Database;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A search text as SQL patterns on package names. Ignores case, and treats dots, underscores and dashes as equal, as some
 * ecosystems do.
 *
 * @param words in lower case, not escaped
 */
record NameQuery(List<String> words) {
    private static final int MAX_LENGTH = 200;
    private static final int MAX_WORD = 8;

    static final String MATCHES = """
            (lower(p.normalized) like all(cast(:words as text[])) or lower(p.name) like all(cast(:words as text[]))
              or lower(p.normalized) like all(cast(:dashed as text[])))""";

    static final String RANK = """
            case when lower(p.normalized) = any(cast(:whole as text[])) or lower(p.name) = any(cast(:whole as text[])) then 0
              when lower(p.normalized) like any(cast(:begin as text[])) then 1
              when lower(p.normalized) like any(cast(:part as text[])) then 2 else 3 end""";

    static NameQuery of(String text) {
        var clean = text.strip();
        var shown = clean.substring(0, Math.min(MAX_LENGTH, clean.length())).toLowerCase(Locale.ROOT);
        return new NameQuery(Stream.of(shown.split("\\s+"))
                .filter(word -> !word.isEmpty())
                .limit(MAX_WORD)
                .toList());
    }

    Map<String, Object> parameters() {
        var spaced = String.join(" ", words);
        var whole = List.of(spaced, spaced.replace(' ', '-'), dashed(spaced));
        return Map.of(
                "words", likePatterns(words.stream(), "%", "%"),
                "dashed", likePatterns(words.stream().map(NameQuery::dashed), "%", "%"),
                "whole", whole.toArray(String[]::new),
                "begin", likePatterns(whole.stream(), "", "%"),
                "part",
                        likePatterns(
                                whole.stream().flatMap(w -> Stream.of("-" + w, "/" + w, "." + w, "@" + w)), "%", "%"));
    }

    private static String dashed(String text) {
        return text.replaceAll("[-_. ]+", "-");
    }

    private static String[] likePatterns(Stream<String> texts, String before, String after) {
        return texts.map(text -> before + Database.escapeLike(text) + after).toArray(String[]::new);
    }
}
