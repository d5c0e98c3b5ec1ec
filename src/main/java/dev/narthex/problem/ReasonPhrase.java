package dev.narthex.problem;

import java.util.Map;

/** Converts text to a reason phrase (RFC 9112 §4): one line of printable ASCII, so that the text cannot end the status line. */
final class ReasonPhrase {
    private static final int MAX_LENGTH = 500;

    /** Replacements for other characters in our messages. */
    private static final Map<Integer, String> PLAIN = Map.of(
            (int) '“', "'", (int) '”', "'", (int) '‘', "'", (int) '’', "'", (int) '–', "-", (int) '—', "-", (int) '…',
            "...");

    private ReasonPhrase() {}

    /** The text may contain input of a client. */
    static String of(String text) {
        var line = new StringBuilder();
        text.codePoints().limit(MAX_LENGTH).forEach(c -> {
            if (PLAIN.containsKey(c)) {
                line.append(PLAIN.get(c));
            } else {
                line.append(c >= ' ' && c <= '~' ? (char) c : c == '\n' || c == '\r' || c == '\t' ? ' ' : '?');
            }
        });
        return line.substring(0, Math.min(MAX_LENGTH, line.length())).strip();
    }
}
