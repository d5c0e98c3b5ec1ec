package dev.narthex.ecosystem;

import dev.narthex.problem.ProblemException;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Optional;

/** Reads a lockfile line by line and rejects lines that are too long. */
public final class LockfileLineReader {
    private final BufferedReader in;
    private final String format;
    private final int longest;
    private int line;
    private boolean returned;

    /**
     * @param format display name of the lockfile format
     * @param longest maximum length of a line in characters
     */
    public LockfileLineReader(BufferedReader in, String format, int longest) {
        this.in = in;
        this.format = format;
        this.longest = longest;
    }

    /**
     * Returns the next line without its line terminator; empty at the end.
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
                throw LockfileError.of(format, line, "", "", "the line has more than " + longest + " characters.");
            }
            text.append((char) c);
        }
        returned = c == '\r';
        return Optional.of(text.toString());
    }

    /** Skips the line feed of a CR LF pair. */
    private int first() throws IOException {
        int c = in.read();
        return returned && c == '\n' ? in.read() : c;
    }

    /** Number of the line that was read last, counted from 1. */
    public int number() {
        return line;
    }
}
