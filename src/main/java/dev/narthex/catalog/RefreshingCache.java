package dev.narthex.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Optional;

/**
 * A cache that serves stale values while one caller refreshes them. When a value expires, {@link #get} returns empty to a single
 * caller, who must {@link #put} a new value; all others keep getting the old one. This prevents a stampede on expensive queries.
 * Values are dropped after twice their lifetime.
 */
public final class RefreshingCache<K, V> {
    private final Ticker clock;
    private final Cache<K, CachedValue<V>> entries;

    /** @param max maximum number of entries; the least recently used ones are evicted */
    public RefreshingCache(int max) {
        this(max, Ticker.systemTicker());
    }

    RefreshingCache(int max, Ticker clock) {
        this.clock = clock;
        this.entries = Caffeine.newBuilder()
                .maximumSize(max)
                .ticker(clock)
                .expireAfter(Expiry.<K, CachedValue<V>>writing(
                        (_, entry) -> entry.lifetime().multipliedBy(2)))
                .build();
    }

    private record CachedValue<V>(V value, Duration lifetime, long since) {
        boolean isStale(long now) {
            return now - since > lifetime.toNanos();
        }

        CachedValue<V> renewed(long now) {
            return new CachedValue<>(value, lifetime, now);
        }
    }

    /**
     * Returns the value; empty to the caller who must compute and {@link #put} it. If that caller fails, the next one is chosen
     * after another lifetime.
     */
    public Optional<V> get(K key) {
        var cached = entries.getIfPresent(key);
        long now = clock.read();
        return cached == null || cached.isStale(now) && entries.asMap().replace(key, cached, cached.renewed(now))
                ? Optional.empty()
                : Optional.of(cached.value());
    }

    public void put(K key, V value, Duration lifetime) {
        entries.put(key, new CachedValue<>(value, lifetime, clock.read()));
    }
}
