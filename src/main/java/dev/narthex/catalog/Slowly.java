package dev.narthex.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Duration;
import java.util.function.Function;

/**
 * Answers that take milliseconds where there is little to look at and seconds where there is much, while every page asks. One
 * that took long is kept for as many times longer; a quick one is not kept, and is always up to date.
 */
final class Slowly<Q, A> {
    private static final int TIMES = 100;
    private static final int KEPT = 500;

    private final Function<Q, A> answers;
    private final Duration quick;
    private final Cache<Q, Answer<A>> slow = Caffeine.newBuilder()
            .maximumSize(KEPT)
            .expireAfter(
                    Expiry.<Q, Answer<A>>creating((_, answer) -> answer.took().multipliedBy(TIMES)))
            .build();

    /** @param quick what takes longer is kept */
    Slowly(Duration quick, Function<Q, A> answers) {
        this.quick = quick;
        this.answers = answers;
    }

    private record Answer<A>(A answer, Duration took) {}

    A answer(Q question) {
        var kept = slow.getIfPresent(question);
        return kept == null ? ask(question) : kept.answer();
    }

    private A ask(Q question) {
        long start = System.nanoTime();
        var answer = answers.apply(question);
        var took = Duration.ofNanos(System.nanoTime() - start);
        if (took.compareTo(quick) > 0) {
            slow.put(question, new Answer<>(answer, took));
        }
        return answer;
    }
}
