package dev.narthex.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * What most packages depend on. That takes a look at every dependency of the caches: milliseconds for thousands, seconds for
 * millions, and the home page asks each time. So an answer that took long is kept for as many times longer; a quick one is
 * not kept, and is always up to date.
 */
@ApplicationScoped
class Popular {
    private static final Duration QUICK = Duration.ofMillis(200);
    private static final int TIMES = 100;
    private static final int KEPT = 500;

    private final PackageLists lists;
    private final Duration quick;
    private final Cache<Question, Answer> slow = Caffeine.newBuilder()
            .maximumSize(KEPT)
            .expireAfter(Expiry.<Question, Answer>creating(
                    (_, answer) -> answer.took().multipliedBy(TIMES)))
            .build();

    @Inject
    Popular(PackageLists lists) {
        this(lists, QUICK);
    }

    /** @param quick what takes longer is kept */
    Popular(PackageLists lists, Duration quick) {
        this.lists = lists;
        this.quick = quick;
    }

    private record Question(Set<Long> cacheIds, int limit) {}

    private record Answer(List<PackageLine> lines, Duration took) {}

    List<PackageLine> lines(Collection<Long> cacheIds, int limit) {
        var question = new Question(Set.copyOf(cacheIds), limit);
        var kept = slow.getIfPresent(question);
        return kept == null ? ask(question) : kept.lines();
    }

    private List<PackageLine> ask(Question question) {
        long start = System.nanoTime();
        var lines = lists.mostDepended(question.cacheIds(), question.limit());
        var took = Duration.ofNanos(System.nanoTime() - start);
        if (took.compareTo(quick) > 0) {
            slow.put(question, new Answer(lines, took));
        }
        return lines;
    }
}
