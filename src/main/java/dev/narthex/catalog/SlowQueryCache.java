package dev.narthex.catalog;

import java.time.Duration;
import java.util.function.Function;

/**
 * Caches the results of slow queries. A result is kept {@value #LIFETIME_FACTOR} times as long as the query took; results of
 * queries faster
 * than a threshold are never cached, so small installations always see current data.
 */
public final class SlowQueryCache<Q, A> {
    private static final int LIFETIME_FACTOR = 100;
    private static final int MAX_ENTRIES = 500;

    private final Function<Q, A> query;
    private final Duration threshold;
    private final RefreshingCache<Q, A> results = new RefreshingCache<>(MAX_ENTRIES);

    /** @param threshold threshold; results of slower queries are cached */
    public SlowQueryCache(Duration threshold, Function<Q, A> query) {
        this.threshold = threshold;
        this.query = query;
    }

    public A get(Q key) {
        return results.get(key).orElseGet(() -> runAndCache(key));
    }

    private A runAndCache(Q key) {
        long start = System.nanoTime();
        var result = query.apply(key);
        var took = Duration.ofNanos(System.nanoTime() - start);
        if (took.compareTo(threshold) > 0) {
            results.put(key, result, took.multipliedBy(LIFETIME_FACTOR));
        }
        return result;
    }
}
