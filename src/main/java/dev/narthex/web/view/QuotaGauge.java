package dev.narthex.web.view;

import java.util.Optional;

/**
 * The used share of a limit.
 *
 * @param parts percentage, rounded to one decimal place
 */
public record QuotaGauge(double parts) {
    private static final double TIGHT = 80;

    /** @param allowed the limit; empty if unlimited, so that no gauge is shown */
    public static Optional<QuotaGauge> of(long used, Optional<Long> allowed) {
        return allowed.map(limit -> new QuotaGauge(Math.round(Math.min(100, 100.0 * used / limit) * 10) / 10.0));
    }

    public boolean tight() {
        return parts >= TIGHT;
    }

    public double rest() {
        return 100 - parts;
    }
}
