package dev.narthex.search;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.custom.CustomAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;

/** Finds the words of a query in a text, for highlighting, by the same rules as the index: stems in prose, letters in names. */
public final class Highlighter {
    private static final Analyzer PROSE = textAnalyzer();

    private final List<String> terms;
    private final Set<String> stems;

    private Highlighter(List<String> words) {
        this.terms = words;
        this.stems = new HashSet<>();
        words.forEach(word -> terms(word).forEach(term -> stems.add(term.stem)));
    }

    /** Creates a highlighter for the words and phrases of a query. Qualifiers such as {@code license:} are ignored. */
    public static Highlighter of(String question) {
        var query = ParsedQuery.of(question);
        return new Highlighter(Stream.concat(query.words().stream(), query.phrases().stream())
                .map(word -> word.toLowerCase(Locale.ROOT))
                .toList());
    }

    /** A range of a text, in UTF-16 code units; {@code to} is exclusive. */
    public record Part(int from, int to) {}

    private record Term(String stem, int from, int to) {}

    /** Finds words in prose. Parts are in order and do not touch. */
    public List<Part> inProse(String text) {
        return terms.isEmpty()
                ? List.of()
                : merge(terms(text).stream()
                        .filter(term -> stems.contains(term.stem) || startsWith(text, term))
                        .map(term -> new Part(term.from, term.to))
                        .toList());
    }

    private boolean startsWith(String text, Term term) {
        var letters = text.substring(term.from, term.to).toLowerCase(Locale.ROOT);
        return terms.stream()
                .anyMatch(word -> word.length() >= RelevanceClauses.WHOLE_FROM && letters.startsWith(word));
    }

    /** Finds the first occurrence of each word in a name. Any separator matches any other. */
    public List<Part> inName(String name) {
        return merge(terms.stream().flatMap(word -> first(name, word)).toList());
    }

    private static Stream<Part> first(String name, String word) {
        for (int from = 0; from + word.length() <= name.length(); from++) {
            boolean begins = from == 0 || !Character.isLetterOrDigit(name.charAt(from - 1));
            if ((begins || word.length() >= FoldedName.SHORTEST_INSIDE) && matchesAt(name, from, word)) {
                return Stream.of(new Part(from, from + word.length()));
            }
        }
        return Stream.of();
    }

    private static boolean matchesAt(String name, int from, String word) {
        for (int i = 0; i < word.length(); i++) {
            char a = Character.toLowerCase(name.charAt(from + i));
            char b = word.charAt(i);
            if (a != b && (Character.isLetterOrDigit(a) || Character.isLetterOrDigit(b))) {
                return false;
            }
        }
        return true;
    }

    private static List<Part> merge(List<Part> parts) {
        var joined = new ArrayList<Part>();
        for (var part : parts.stream().sorted((a, b) -> a.from - b.from).toList()) {
            if (!joined.isEmpty() && joined.getLast().to >= part.from) {
                var last = joined.removeLast();
                joined.add(new Part(last.from, Math.max(last.to, part.to)));
            } else {
                joined.add(part);
            }
        }
        return joined;
    }

    private static List<Term> terms(String text) {
        var terms = new ArrayList<Term>();
        try (var stream = PROSE.tokenStream("", text)) {
            var stem = stream.addAttribute(CharTermAttribute.class);
            var offsets = stream.addAttribute(OffsetAttribute.class);
            stream.reset();
            while (stream.incrementToken()) {
                terms.add(new Term(stem.toString(), offsets.startOffset(), offsets.endOffset()));
            }
            stream.end();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return terms;
    }

    /** Creates the analyzer, which must equal that of {@link LuceneIndex}. */
    private static Analyzer textAnalyzer() {
        try {
            return CustomAnalyzer.builder()
                    .addCharFilter("patternReplace", "pattern", LuceneIndex.BETWEEN_WORDS, "replacement", " ")
                    .withTokenizer("standard")
                    .addTokenFilter("lowercase")
                    .addTokenFilter("asciiFolding")
                    .addTokenFilter("porterStem")
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
