package dev.narthex.web;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.Changes;
import dev.narthex.catalog.Cursor;
import dev.narthex.spi.Cache;
import dev.narthex.spi.ReleaseView;
import dev.narthex.web.view.InstallSize;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;

/**
 * Install sizes for pages. To count one takes a walk through all that a release and what it needs declare, a hundred times the
 * rest of its page where that is much; so it is counted once for as long as nothing changes, and all counting together takes
 * a share of a processor at most. What there is no time for is as it was counted before, or not known just now.
 */
@ApplicationScoped
class InstallSizes {
    private static final int KEPT = 2000;
    private static final double SHARE = 0.1;
    private static final Duration SAVED = Duration.ofSeconds(2);

    private final Resolutions resolutions;
    private final Changes changes;
    private final Allowance time = new Allowance(System::nanoTime, SHARE, SAVED);
    private final com.github.benmanes.caffeine.cache.Cache<Long, Counted> kept =
            Caffeine.newBuilder().maximumSize(KEPT).build();

    InstallSizes(Resolutions resolutions, Changes changes) {
        this.resolutions = resolutions;
        this.changes = changes;
    }

    /**
     * @param size empty if clients of its ecosystem bring nothing along, or if it was never counted
     * @param now false if it would be another, or known, had there been time
     */
    record Known(Optional<InstallSize> size, boolean now) {}

    private record Counted(InstallSize size, Cursor as) {}

    /** At most two queries. */
    Known of(Cache cache, ReleaseView view) {
        if (!resolutions.known(view)) {
            return new Known(Optional.empty(), true);
        }
        var as = changes.seen().cursor();
        var last = Optional.ofNullable(kept.getIfPresent(view.id()));
        boolean stands = last.filter(counted -> counted.as.equals(as)).isPresent();
        if (stands || !time.isLeft()) {
            return new Known(last.map(Counted::size), stands);
        }
        long began = System.nanoTime();
        var size = resolutions.size(cache, view);
        time.spend(System.nanoTime() - began);
        size.ifPresent(counted -> kept.put(view.id(), new Counted(counted, as)));
        return new Known(size, true);
    }
}
