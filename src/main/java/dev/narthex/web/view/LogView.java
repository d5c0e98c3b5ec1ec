package dev.narthex.web.view;

import java.util.List;

/**
 * The log of a build, or the end of a long one.
 *
 * @param plainUrl of the whole log as plain text
 * @param first number of the first line shown, from 1
 * @param total lines in the log; if {@code partial}, in the part that was read
 * @param partial whether the log is longer than what was read
 */
public record LogView(
        PathHead head, String plainUrl, long first, long total, boolean partial, List<Phase> phases, List<String> lines)
        implements View {
    /** @param line at which it begins */
    public record Phase(String name, long line) {}

    public long number(int index) {
        return first + index;
    }
}
