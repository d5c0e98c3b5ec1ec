package dev.narthex.web;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Time for work that can be left undone: a share of the time that passes, up to a limit. What begins while there is any left
 * may take longer, and then there is none for as long. Safe for use by many threads.
 */
final class Allowance {
    private final LongSupplier clock;
    private final double share;
    private final long most;
    private double left;
    private long at;

    /**
     * @param clock in nanoseconds, from any beginning
     * @param share of a processor
     * @param most that is saved up while nothing is done; so much there is at the beginning
     */
    Allowance(LongSupplier clock, double share, Duration most) {
        this.clock = clock;
        this.share = share;
        this.most = most.toNanos();
        this.left = this.most;
        this.at = clock.getAsLong();
    }

    synchronized boolean isLeft() {
        return grown() > 0;
    }

    synchronized void spend(long nanos) {
        left = grown() - nanos;
    }

    private double grown() {
        long now = clock.getAsLong();
        left = Math.min(most, left + share * (now - at));
        at = now;
        return left;
    }
}
