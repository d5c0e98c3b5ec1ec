package dev.narthex.web.path;

import dev.narthex.nix.Compression;
import dev.narthex.web.view.LogView;
import dev.narthex.web.view.PathHead;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The end of a build log, where failures are, and the build phases in it. Terminal colors and cursor movements are removed.
 *
 * @param first number of the first line kept
 * @param total number of lines that were read
 * @param partial whether the log is longer than the part that was read
 */
record LogText(long first, long total, boolean partial, List<LogView.Phase> phases, List<String> lines) {
    private static final int KEPT_LINES = 5000;
    private static final int READ_CHARACTERS = 64 << 20;
    private static final int MAX_LINE_LENGTH = 2000;
    /** Maximum length with escape sequences. */
    private static final int MAX_RAW_LINE_LENGTH = 4 * MAX_LINE_LENGTH;

    private static final int BUFFER = 64 * 1024;
    private static final int MAX_PHASES = 100;

    /** ECMA-48 control sequences, operating system commands, and two-character escapes. */
    private static final Pattern ESCAPES =
            Pattern.compile("\u001b\\[[0-?]*[ -/]*[@-~]|\u001b\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)?|\u001b.");

    private static final Pattern PHASE =
            Pattern.compile("(?:Running phase: |@nix \\{.*\"phase\": *\")([A-Za-z0-9_-]{1,60}).*");

    static LogText read(byte[] zstd) throws IOException {
        try (var text = Compression.decompress(new ByteArrayInputStream(zstd))) {
            return of(new BufferedReader(new InputStreamReader(text, StandardCharsets.UTF_8), BUFFER));
        }
    }

    /** Reads line by line, because a log, or a single line of it, may have hundreds of MiB. */
    static LogText of(Reader log) throws IOException {
        Deque<String> kept = new ArrayDeque<>();
        var phases = new ArrayList<LogView.Phase>();
        var lines = new LineReader(log);
        long total = 0;
        while (lines.next()) {
            total++;
            var line = plain(lines.line.toString());
            var phase = PHASE.matcher(line);
            if (phase.matches() && phases.size() < MAX_PHASES) {
                phases.add(new LogView.Phase(phase.group(1), total));
            }
            kept.add(line);
            if (kept.size() > KEPT_LINES) {
                kept.remove();
            }
        }
        long first = total - kept.size() + 1;
        var shown = phases.stream().filter(p -> p.line() >= first).toList();
        return new LogText(first, total, lines.read >= READ_CHARACTERS, shown, List.copyOf(kept));
    }

    /** Reads lines of any length and keeps the beginning of each. */
    private static final class LineReader {
        private final Reader in;
        private final StringBuilder line = new StringBuilder();
        private long read;
        private boolean carriageReturn;

        LineReader(Reader in) {
            this.in = in;
        }

        boolean next() throws IOException {
            line.setLength(0);
            for (int c = in.read(); c >= 0 && read < READ_CHARACTERS; c = in.read()) {
                read++;
                boolean ended = carriageReturn && c == '\n' && line.isEmpty();
                carriageReturn = c == '\r';
                if (carriageReturn || (c == '\n' && !ended)) {
                    return true;
                }
                if (!ended && line.length() < MAX_RAW_LINE_LENGTH) {
                    line.append((char) c);
                }
            }
            return !line.isEmpty();
        }
    }

    LogView view(PathHead head, String plainUrl) {
        return new LogView(head, plainUrl, first, total, partial, phases, lines);
    }

    private static String plain(String raw) {
        var line = ESCAPES.matcher(raw).replaceAll("").replaceAll("[\\p{Cntrl}&&[^\t]]", "");
        return line.length() > MAX_LINE_LENGTH ? line.substring(0, MAX_LINE_LENGTH) + "…" : line;
    }
}
