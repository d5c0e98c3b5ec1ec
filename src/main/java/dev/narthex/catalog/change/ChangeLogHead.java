package dev.narthex.catalog.change;

import java.util.UUID;

/**
 * The current end of the change log, and the version of caches and keys.
 *
 * @param epoch of the change log; changes after a restore
 * @param seq of the last change
 * @param caches increases with every change of a cache's row or a key
 */
public record ChangeLogHead(UUID epoch, long seq, long caches) {
    /** Returns whether caches and keys that were read at this head are still current at another one. */
    public boolean hasSameCaches(ChangeLogHead now) {
        return epoch.equals(now.epoch) && caches >= now.caches;
    }

    public ChangeLogCursor cursor() {
        return new ChangeLogCursor(epoch, seq);
    }

    /** Returns a short identifier that changes with every change in the log. */
    public String revision() {
        return cursor().revision();
    }
}
