package dev.narthex.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Duration;
import java.util.Optional;

/**
 * A cache that serves stale values while one caller refreshes them. When a value expires, {@link #get} returns empty to a single
 * caller, who must {@link #put} a new value; all others keep getting the old one. This prevents a stampede on expensive queries.
 * Values are dropped after twice their lifetime.
 */
public final class RefreshingCache<Q, A> {
    private final Cache<Q, CachedValue<A>> answers;

    /** @param max maximum number of entries; the least recently used ones are evicted */
    public RefreshingCache(int max) {
        this.answers = Caffeine.newBuilder()
                .maximumSize(max)
                .expireAfter(Expiry.<Q, CachedValue<A>>writing(
                        (_, answer) -> answer.lifetime().multipliedBy(2)))
                .build();
    }

    private record CachedValue<A>(A answer, Duration lifetime, long since) {
        boolean isStale() {
            return System.nanoTime() - since > lifetime.toNanos();
        }

        CachedValue<A> renewed() {
            return new CachedValue<>(answer, lifetime, System.nanoTime());
        }
    }

    /**
     * Returns the value; empty to the caller who must compute and {@link #put} it. If that caller fails, the next one is chosen
     * after another lifetime.
     */
    public Optional<A> get(Q key) {
        var cached = answers.getIfPresent(key);
        return cached == null || cached.isStale() && answers.asMap().replace(key, cached, cached.renewed())
                ? Optional.empty()
                : Optional.of(cached.answer());
    }

    public void put(Q key, A answer, Duration lifetime) {
        answers.put(key, new CachedValue<>(answer, lifetime, System.nanoTime()));
    }
}
