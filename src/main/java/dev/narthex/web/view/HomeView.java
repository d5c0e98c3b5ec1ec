package dev.narthex.web.view;

import java.util.List;
import java.util.Optional;

/**
 * The home page.
 *
 * @param shown the public cache whose setup instructions are shown
 * @param held totals over the caches that the user can see
 */
public record HomeView(
        Optional<ClientSetup> shown, StoreTotals held, List<Hit> newest, List<Hit> mostDepended, List<CacheLine> caches)
        implements View {

    /**
     * @param caches number of caches
     * @param packages number of packages with a released version, in all ecosystems
     */
    public record StoreTotals(long caches, long packages, long paths) {}
}
