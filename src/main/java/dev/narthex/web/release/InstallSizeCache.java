package dev.narthex.web.release;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.change.ChangeLogCursor;
import dev.narthex.spi.Cache;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.web.page.TimeBudget;
import dev.narthex.web.view.InstallSize;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;

/**
 * Caches install sizes. Computing one resolves all transitive dependencies, which can take a hundred times as long as the rest of
 * the page. Sizes are therefore computed once per change of the catalog, and all computation together is limited to a share of one
 * processor. When the time is used up, the previous size is returned if it is known.
 */
@ApplicationScoped
class InstallSizeCache {
    private static final int KEPT = 2000;
    private static final double SHARE = 0.1;
    private static final Duration SAVED = Duration.ofSeconds(2);

    private final DependencyResolution resolutions;
    private final ChangeLog changes;
    private final TimeBudget time = new TimeBudget(System::nanoTime, SHARE, SAVED);
    private final com.github.benmanes.caffeine.cache.Cache<Long, CountedSize> sizes =
            Caffeine.newBuilder().maximumSize(KEPT).build();

    InstallSizeCache(DependencyResolution resolutions, ChangeLog changes) {
        this.resolutions = resolutions;
        this.changes = changes;
    }

    /**
     * @param size empty if clients of the ecosystem install no dependencies, or if the size was never computed
     * @param now whether the size is current; false if there was no time to compute it
     */
    record CachedSize(Optional<InstallSize> size, boolean fresh) {}

    private record CountedSize(InstallSize size, ChangeLogCursor cursor) {}

    /** Returns the install size. Uses at most two queries. */
    CachedSize of(Cache cache, ReleaseInfo view) {
        if (!resolutions.hasResolver(view)) {
            return new CachedSize(Optional.empty(), true);
        }
        var as = changes.requestHead().cursor();
        var last = Optional.ofNullable(sizes.getIfPresent(view.id()));
        boolean stands =
                last.filter(countedSize -> countedSize.cursor.equals(as)).isPresent();
        if (stands || !time.isLeft()) {
            return new CachedSize(last.map(CountedSize::size), stands);
        }
        long began = System.nanoTime();
        var size = resolutions.size(cache, view);
        time.spend(System.nanoTime() - began);
        size.ifPresent(counted -> sizes.put(view.id(), new CountedSize(counted, as)));
        return new CachedSize(size, true);
    }
}
