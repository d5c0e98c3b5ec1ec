package dev.narthex.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.problem.Problem;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Limits events per minute and client address. Counts are kept in memory of this process only. IPv6 addresses are counted by their
 * /64 prefix.
 */
final class PerMinuteCounter {
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MAX_ADDRESSES = 10_000;

    private final int allowed;
    private final Cache<String, AtomicInteger> byAddress = Caffeine.newBuilder()
            .maximumSize(MAX_ADDRESSES)
            .expireAfterWrite(WINDOW)
            .build();

    PerMinuteCounter(int allowed) {
        this.allowed = allowed;
    }

    /**
     * Counts an event.
     *
     * @param words rest of the error message after "More than N"
     * @throws dev.narthex.problem.ProblemException TooManyRequests if the limit is exceeded
     */
    void increment(String address, String words) {
        int count = byAddress
                .get(FailedLoginThrottle.network(address), key -> new AtomicInteger())
                .incrementAndGet();
        if (count > allowed) {
            throw Problem.tooManyRequests("More than " + allowed + " " + words, (int) WINDOW.toSeconds());
        }
    }
}
