package dev.narthex.catalog.change;

import java.util.UUID;

/**
 * A position in the change log.
 *
 * @param epoch identifies the database; changes after a restore
 * @param seq number of the last change that was read
 */
public record ChangeLogCursor(UUID epoch, long seq) {
    /** Returns a short identifier that changes with every change in the log. */
    public String revision() {
        return epoch.toString().substring(0, 8) + "-" + Long.toString(seq, 36);
    }
}
