package dev.narthex.web;

import dev.narthex.nix.Compression;
import dev.narthex.web.view.LogView;
import dev.narthex.web.view.PathHead;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The end of a build log, where failures are, with the phases that are in it. Colours and cursor movements of terminals are
 * taken out.
 *
 * @param first number of the first line kept
 * @param partial whether reading stopped before the end
 */
record LogText(long first, long total, boolean partial, List<LogView.Phase> phases, List<String> lines) {
    private static final int KEPT_LINES = 5000;
    private static final int READ_BYTES = 16 << 20;
    private static final int LONGEST_LINE = 2000;
    private static final int MOST_PHASES = 100;

    /** ECMA-48 control sequences, operating system commands, and two-character escapes. */
    private static final Pattern ESCAPES =
            Pattern.compile("\u001b\\[[0-?]*[ -/]*[@-~]|\u001b\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)?|\u001b.");

    private static final Pattern PHASE =
            Pattern.compile("(?:Running phase: |@nix \\{.*\"phase\": *\")([A-Za-z0-9_-]{1,60}).*");

    static LogText read(byte[] zstd) throws IOException {
        byte[] bytes;
        boolean partial;
        try (var text = Compression.decompress(new ByteArrayInputStream(zstd))) {
            bytes = text.readNBytes(READ_BYTES);
            partial = text.read() >= 0;
        }
        return of(new String(bytes, StandardCharsets.UTF_8), partial);
    }

    static LogText of(String log, boolean partial) {
        Deque<String> kept = new ArrayDeque<>();
        var phases = new ArrayList<LogView.Phase>();
        long total = 0;
        for (var raw : (Iterable<String>) log.lines()::iterator) {
            total++;
            var line = plain(raw);
            var phase = PHASE.matcher(line);
            if (phase.matches() && phases.size() < MOST_PHASES) {
                phases.add(new LogView.Phase(phase.group(1), total));
            }
            kept.add(line);
            if (kept.size() > KEPT_LINES) {
                kept.remove();
            }
        }
        long first = total - kept.size() + 1;
        var shown = phases.stream().filter(p -> p.line() >= first).toList();
        return new LogText(first, total, partial, shown, List.copyOf(kept));
    }

    LogView view(PathHead head, String plainUrl) {
        return new LogView(head, plainUrl, first, total, partial, phases, lines);
    }

    private static String plain(String raw) {
        var line = ESCAPES.matcher(raw).replaceAll("").replaceAll("[\\p{Cntrl}&&[^\t]]", "");
        return line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) + "…" : line;
    }
}
