package dev.narthex.catalog;

import java.util.UUID;

/**
 * A place in the log of changes.
 *
 * @param epoch a restore begins another
 * @param seq of the last change that is behind it
 */
public record Cursor(UUID epoch, long seq) {
    /** Short, and another one after every change in the log. */
    public String revision() {
        return epoch.toString().substring(0, 8) + "-" + Long.toString(seq, 36);
    }
}
