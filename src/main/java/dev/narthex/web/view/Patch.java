package dev.narthex.web.view;

import java.util.List;

/**
 * The changed lines of a text, with some that stayed around them.
 *
 * @param removed how many lines of the first text are not in the second
 * @param added how many lines of the second text are not in the first
 * @param hunks as many as are shown
 * @param more lines of further hunks, which are not shown
 */
public record Patch(int removed, int added, List<Hunk> hunks, int more) {
    /**
     * Lines that stand together.
     *
     * @param from number of the first one in the second text, from 1; if it has none of them, in the first text
     * @param to number of the last one in the same text
     * @param inFirst whether the numbers are those of the first text
     */
    public record Hunk(int from, int to, boolean inFirst, List<Line> lines) {}

    /**
     * @param mark "-" of the first text, "+" of the second, a space of both
     * @param text the beginning of a long one
     * @param cut how many characters of it are not here
     * @param unended whether the text ends without a line break behind it
     */
    public record Line(String mark, String text, int cut, boolean unended) {}
}
