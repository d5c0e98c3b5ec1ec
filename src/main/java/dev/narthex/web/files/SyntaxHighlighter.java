package dev.narthex.web.files;

import dev.narthex.web.page.Format;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Highlights source code as lines of safe HTML with four CSS classes: keyword, string, number and comment. The lexer is
 * approximate: it makes one pass without lookbehind, and mistakes only affect colors.
 */
public final class SyntaxHighlighter {
    private final String text;
    private final Language language;
    private final List<String> lines = new ArrayList<>();
    private final StringBuilder line = new StringBuilder();
    private int at;

    private SyntaxHighlighter(String text, Language language) {
        this.text = text;
        this.language = language;
    }

    /** Returns the escaped and highlighted lines, without line breaks. */
    public static List<String> lines(String text, String fileName) {
        var language = Language.of(fileName);
        return language.isPresent()
                ? new SyntaxHighlighter(text.replace("\r\n", "\n").replace('\r', '\n'), language.get()).run()
                : text.lines().map(Format::escape).toList();
    }

    private List<String> run() {
        while (at < text.length()) {
            step();
        }
        if (!line.isEmpty()) {
            lines.add(line.toString());
        }
        return lines;
    }

    private void step() {
        char c = text.charAt(at);
        var block = language.blockComment();
        var longQuote = first(language.longQuotes());
        if (!block.isEmpty() && text.startsWith(block.getFirst(), at)) {
            token("c", endOf(block.getLast(), at + block.getFirst().length()));
        } else if (startsComment()) {
            token("c", endOfLine());
        } else if (longQuote.isPresent()) {
            token("s", endOf(longQuote.get(), at + longQuote.get().length()));
        } else if (language.quotes().indexOf(c) >= 0) {
            token("s", endOfString(c));
        } else if (Character.isDigit(c)) {
            token("n", endOfWord());
        } else if (Character.isJavaIdentifierStart(c)) {
            int end = endOfWord();
            token(language.keywords().contains(text.substring(at, end)) ? "k" : "", end);
        } else {
            token("", at + 1);
        }
    }

    /**
     * Returns whether a comment starts here. A marker inside a word, as in {@code http://} or {@code a#b}, does not start a
     * comment.
     */
    private boolean startsComment() {
        boolean fresh = at == 0 || " \t\n;{}()[],".indexOf(text.charAt(at - 1)) >= 0;
        return fresh && first(language.lineComments()).isPresent();
    }

    private Optional<String> first(List<String> marks) {
        return marks.stream().filter(mark -> text.startsWith(mark, at)).findFirst();
    }

    private int endOf(String mark, int from) {
        int end = text.indexOf(mark, from);
        return end < 0 ? text.length() : end + mark.length();
    }

    private int endOfLine() {
        int end = text.indexOf('\n', at);
        return end < 0 ? text.length() : end;
    }

    private int endOfString(char quote) {
        int end = at + 1;
        while (end < text.length() && text.charAt(end) != quote && text.charAt(end) != '\n') {
            end += text.charAt(end) == '\\' ? 2 : 1;
        }
        boolean closed = end < text.length() && text.charAt(end) == quote;
        return Math.min(text.length(), closed ? end + 1 : end);
    }

    private int endOfWord() {
        int end = at + 1;
        while (end < text.length() && Character.isJavaIdentifierPart(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** Emits text[at, end) and advances to its end. A token that spans several lines is marked on each of them. */
    private void token(String mark, int end) {
        var token = text.substring(at, end);
        var parts = token.indexOf('\n') < 0 ? new String[] {token} : token.split("\n", -1);
        for (int i = 0; i < parts.length; i++) {
            if (i > 0) {
                lines.add(line.toString());
                line.setLength(0);
            }
            if (mark.isEmpty() || parts[i].isEmpty()) {
                line.append(Format.escape(parts[i]));
            } else {
                line.append("<span class=\"")
                        .append(mark)
                        .append("\">")
                        .append(Format.escape(parts[i]))
                        .append("</span>");
            }
        }
        at = end;
    }
}
