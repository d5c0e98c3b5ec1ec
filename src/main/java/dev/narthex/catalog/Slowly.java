package dev.narthex.catalog;

import java.time.Duration;
import java.util.function.Function;

/**
 * Answers that take milliseconds where there is little to look at and seconds where there is much, while every page asks. One
 * that took long is kept for as many times longer; a quick one is not kept, and is always up to date.
 */
final class Slowly<Q, A> {
    private static final int TIMES = 100;
    private static final int MOST = 500;

    private final Function<Q, A> answers;
    private final Duration quick;
    private final Kept<Q, A> slow = new Kept<>(MOST);

    /** @param quick what takes longer is kept */
    Slowly(Duration quick, Function<Q, A> answers) {
        this.quick = quick;
        this.answers = answers;
    }

    A answer(Q question) {
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
