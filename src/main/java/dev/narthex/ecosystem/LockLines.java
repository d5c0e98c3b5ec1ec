package dev.narthex.ecosystem;

import dev.narthex.problem.ProblemException;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Optional;

/** The lines of a lock, which have a bounded length. */
public final class LockLines {
    private final BufferedReader in;
    private final String format;
    private final int longest;
    private int line;
    private boolean returned;

    /**
     * @param format as people call such locks
     * @param longest characters of a line
     */
    public LockLines(BufferedReader in, String format, int longest) {
        this.in = in;
        this.format = format;
        this.longest = longest;
    }

    /**
     * Without what ends it.
     *
     * @throws ProblemException Unprocessable if it is too long
     */
    public Optional<String> next() throws IOException {
        int c = first();
        if (c < 0) {
            return Optional.empty();
        }
        line++;
        var text = new StringBuilder();
        for (; c >= 0 && c != '\n' && c != '\r'; c = in.read()) {
            if (text.length() == longest) {
                throw LockFlaw.of(format, line, "", "", "the line has more than " + longest + " characters.");
            }
            text.append((char) c);
        }
        returned = c == '\r';
        return Optional.of(text.toString());
    }

    /** A line feed behind a carriage return belongs to the line before. */
    private int first() throws IOException {
        int c = in.read();
        return returned && c == '\n' ? in.read() : c;
    }

    /** Of the line read last, counted from one. */
    public int number() {
        return line;
    }
}
