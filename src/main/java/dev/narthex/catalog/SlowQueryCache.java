package dev.narthex.catalog;

import java.time.Duration;
import java.util.function.Function;

/**
 * Caches the results of slow queries. A result is kept {@value #TIMES} times as long as the query took; results of queries faster
 * than a threshold are never cached, so small installations always see current data.
 */
public final class SlowQueryCache<Q, A> {
    private static final int TIMES = 100;
    private static final int MOST = 500;

    private final Function<Q, A> answers;
    private final Duration quick;
    private final RefreshingCache<Q, A> slow = new RefreshingCache<>(MOST);

    /** @param quick threshold; results of slower queries are cached */
    public SlowQueryCache(Duration quick, Function<Q, A> answers) {
        this.quick = quick;
        this.answers = answers;
    }

    public A answer(Q question) {
        return slow.get(question).orElseGet(() -> ask(question));
    }

    private A ask(Q question) {
        long start = System.nanoTime();
        var answer = answers.apply(question);
        var took = Duration.ofNanos(System.nanoTime() - start);
        if (took.compareTo(quick) > 0) {
            slow.put(question, answer, took.multipliedBy(TIMES));
        }
        return answer;
    }
}
