package dev.narthex.web.view;

import java.util.List;

/**
 * A line diff with context.
 *
 * @param removed number of lines of the first text that are not in the second
 * @param added number of lines of the second text that are not in the first
 * @param hunks the hunks shown
 * @param more number of lines in hunks that are not shown
 */
public record Patch(int removed, int added, List<Hunk> hunks, int more) {
    /**
     * Consecutive lines of the diff.
     *
     * @param from number of the hunk's first line, starting at 1, in the second text; in the first text if all its lines were
     *     removed
     * @param to number of the hunk's last line in the same text
     * @param inFirst whether the numbers refer to the first text
     */
    public record Hunk(int from, int to, boolean inFirst, List<Line> lines) {}

    /**
     * @param mark "-" for a line of the first text, "+" for the second, a space for both
     * @param text truncated if the line is long
     * @param cut number of characters left out
     * @param unended whether it is the last line of the text and has no line break
     */
    public record Line(String mark, String text, int cut, boolean unended) {}
}
