package dev.narthex.catalog.release;

import dev.narthex.catalog.SlowQueryCache;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Caches the packages with the most dependents, for the home page. The query reads all dependencies of the caches. */
@ApplicationScoped
class MostDependedUpon {
    private static final Duration QUICK = Duration.ofMillis(200);

    private final SlowQueryCache<RankingKey, List<PackageSummary>> lines;

    @Inject
    MostDependedUpon(PackageLists lists) {
        this(lists, QUICK);
    }

    MostDependedUpon(PackageLists lists, Duration quick) {
        this.lines = new SlowQueryCache<>(quick, key -> lists.mostDepended(key.cacheIds(), key.limit()));
    }

    private record RankingKey(Set<Long> cacheIds, int limit) {}

    List<PackageSummary> lines(Collection<Long> cacheIds, int limit) {
        return lines.get(new RankingKey(Set.copyOf(cacheIds), limit));
    }
}
