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
    private final Cache<Q, Answer<A>> answers;

    /** @param most maximum number of entries; the least recently used ones are evicted */
    public RefreshingCache(int most) {
        this.answers = Caffeine.newBuilder()
                .maximumSize(most)
                .expireAfter(Expiry.<Q, Answer<A>>writing(
                        (_, answer) -> answer.lifetime().multipliedBy(2)))
                .build();
    }

    private record Answer<A>(A answer, Duration lifetime, long since) {
        boolean old() {
            return System.nanoTime() - since > lifetime.toNanos();
        }

        Answer<A> again() {
            return new Answer<>(answer, lifetime, System.nanoTime());
        }
    }

    /**
     * Returns the value; empty to the caller who must compute and {@link #put} it. If that caller fails, the next one is chosen
     * after another lifetime.
     */
    public Optional<A> get(Q question) {
        var kept = answers.getIfPresent(question);
        return kept == null || kept.old() && answers.asMap().replace(question, kept, kept.again())
                ? Optional.empty()
                : Optional.of(kept.answer());
    }

    public void put(Q question, A answer, Duration lifetime) {
        answers.put(question, new Answer<>(answer, lifetime, System.nanoTime()));
    }
}
