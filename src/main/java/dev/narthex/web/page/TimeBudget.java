package dev.narthex.web.page;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A time budget for optional work. It grows with elapsed time, by a fixed share, up to a maximum. Work that starts while budget is
 * left may overdraw it; no budget is left then until the debt is repaid. Thread-safe.
 */
public final class TimeBudget {
    private final LongSupplier clock;
    private final double share;
    private final long capacity;
    private double remaining;
    private long at;

    /**
     * @param clock monotonic clock in nanoseconds, with any origin
     * @param share processor time granted per elapsed time, as a fraction of one processor
     * @param limit maximum budget, which is also the initial budget
     */
    public TimeBudget(LongSupplier clock, double share, Duration limit) {
        this.clock = clock;
        this.share = share;
        this.capacity = limit.toNanos();
        this.remaining = this.capacity;
        this.at = clock.getAsLong();
    }

    public synchronized boolean isLeft() {
        return grown() > 0;
    }

    public synchronized void spend(long nanos) {
        remaining = grown() - nanos;
    }

    private double grown() {
        long now = clock.getAsLong();
        remaining = Math.min(capacity, remaining + share * (now - at));
        at = now;
        return remaining;
    }
}
