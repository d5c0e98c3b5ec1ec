package dev.narthex.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.problem.Problem;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what comes from an address within a minute, as this process saw it. */
final class PerMinute {
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MOST_ADDRESSES = 10_000;

    private final int allowed;
    private final Cache<String, AtomicInteger> byAddress = Caffeine.newBuilder()
            .maximumSize(MOST_ADDRESSES)
            .expireAfterWrite(WINDOW)
            .build();

    PerMinute(int allowed) {
        this.allowed = allowed;
    }

    /**
     * @param words what is said of one too many
     * @throws dev.narthex.problem.ProblemException TooManyRequests if this was one too many
     */
    void note(String address, String words) {
        int count = byAddress
                .get(Failures.network(address), key -> new AtomicInteger())
                .incrementAndGet();
        if (count > allowed) {
            throw new Problem.TooManyRequests("More than " + allowed + " " + words, (int) WINDOW.toSeconds())
                    .asException();
        }
    }
}
