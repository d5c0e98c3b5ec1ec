package dev.narthex.ecosystem.pypi;

/**
 * Tracks multi-line strings, arrays and inline tables of TOML 1.0 from line to line. The result is undefined for malformed TOML.
 */
final class TomlLineScanner {
    /** A multi-line string may end with two quotes that belong to its value. */
    private static final int MAX_QUOTES = 5;

    private String quotes = "";
    private int depth;

    /** Whether nothing is open, so that the next line is a key or a header. */
    boolean isClosed() {
        return quotes.isEmpty() && depth == 0;
    }

    void read(String line) {
        int at = 0;
        while (at < line.length()) {
            at = quotes.isEmpty() ? scanPlain(line, at) : scanQuoted(line, at);
        }
    }

    /** Returns the position at which to continue. */
    private int scanPlain(String line, int at) {
        char c = line.charAt(at);
        switch (c) {
            case '#' -> {
                return line.length();
            }
            case '"', '\'' -> {
                return string(line, at, c);
            }
            case '[', '{' -> depth++;
            case ']', '}' -> depth = Math.max(0, depth - 1);
            default -> {}
        }
        return at + 1;
    }

    private int string(String line, int at, char quote) {
        var three = String.valueOf(quote).repeat(3);
        if (line.startsWith(three, at)) {
            quotes = three;
            return at + three.length();
        }
        int end = at + 1;
        while (end < line.length() && line.charAt(end) != quote) {
            end += quote == '"' && line.charAt(end) == '\\' ? 2 : 1;
        }
        return end + 1;
    }

    private int scanQuoted(String line, int at) {
        char quote = quotes.charAt(0);
        if (line.startsWith(quotes, at)) {
            int end = at;
            while (end < line.length() && line.charAt(end) == quote && end - at < MAX_QUOTES) {
                end++;
            }
            quotes = "";
            return end;
        }
        return at + (quote == '"' && line.charAt(at) == '\\' ? 2 : 1);
    }
}
