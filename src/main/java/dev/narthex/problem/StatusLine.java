package dev.narthex.problem;

import java.util.Map;

/** Words for a status line (RFC 9112 §4): one line of printable ASCII, so that nothing in them ends it. */
final class StatusLine {
    private static final int LONGEST = 500;

    /** What our sentences hold besides. */
    private static final Map<Integer, String> PLAIN = Map.of(
            (int) '“', "'", (int) '”', "'", (int) '‘', "'", (int) '’', "'", (int) '–', "-", (int) '—', "-", (int) '…',
            "...");

    private StatusLine() {}

    /** Text of a client's may be in it. */
    static String of(String text) {
        var line = new StringBuilder();
        text.codePoints().limit(LONGEST).forEach(c -> {
            if (PLAIN.containsKey(c)) {
                line.append(PLAIN.get(c));
            } else {
                line.append(c >= ' ' && c <= '~' ? (char) c : c == '\n' || c == '\r' || c == '\t' ? ' ' : '?');
            }
        });
        return line.substring(0, Math.min(LONGEST, line.length())).strip();
    }
}
