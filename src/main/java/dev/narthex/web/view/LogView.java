package dev.narthex.web.view;

import java.util.List;

/**
 * A build log, or the end of a long one.
 *
 * @param plainUrl URL of the whole log as plain text
 * @param first number of the first line shown, starting at 1
 * @param total number of lines in the log; if {@code partial}, in the part that was read
 * @param partial whether the log is longer than the part that was read
 */
public record LogView(
        PathHead head, String plainUrl, long first, long total, boolean partial, List<Phase> phases, List<String> lines)
        implements View {
    /** @param line number of its first line */
    public record Phase(String name, long line) {}

    public long number(int index) {
        return first + index;
    }
}
