package dev.narthex.catalog;

import java.util.UUID;

/**
 * How far everything has come.
 *
 * @param epoch of the change log: a restore begins another
 * @param seq of the last change
 * @param caches grows with every change of a cache's row and of a key
 */
public record Head(UUID epoch, long seq, long caches) {
    /** Whether what was read by this head tells of caches and keys as they were at another. */
    boolean knowsCachesOf(Head now) {
        return epoch.equals(now.epoch) && caches >= now.caches;
    }

    public Cursor cursor() {
        return new Cursor(epoch, seq);
    }

    /** Short, and another one after every change in the log. */
    public String revision() {
        return cursor().revision();
    }
}
