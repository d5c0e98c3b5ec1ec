package dev.narthex.web.view;

import java.util.Optional;

/**
 * How much of what is allowed is used.
 *
 * @param parts of a hundred, with one digit
 */
public record Gauge(double parts) {
    private static final double TIGHT = 80;

    /** @param allowed empty if there is no limit, and so nothing to be shown */
    public static Optional<Gauge> of(long used, Optional<Long> allowed) {
        return allowed.map(limit -> new Gauge(Math.round(Math.min(100, 100.0 * used / limit) * 10) / 10.0));
    }

    public boolean tight() {
        return parts >= TIGHT;
    }

    public double rest() {
        return 100 - parts;
    }
}
