package dev.narthex.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Duration;
import java.util.Optional;

/**
 * Answers that may be a while old. When one is too old, one of those who want it is told to ask again, and the others get the
 * old one until that is done: what takes a second would take all of them many seconds if all asked at once.
 */
final class Kept<Q, A> {
    private final Cache<Q, Answer<A>> answers;

    /** @param most questions; of more, those that were not asked for long are forgotten */
    Kept(int most) {
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

    /** Empty for whoever is to ask and {@link #put} the answer. Should that fail, the next is told so a lifetime later. */
    Optional<A> get(Q question) {
        var kept = answers.getIfPresent(question);
        return kept == null || kept.old() && answers.asMap().replace(question, kept, kept.again())
                ? Optional.empty()
                : Optional.of(kept.answer());
    }

    void put(Q question, A answer, Duration lifetime) {
        answers.put(question, new Answer<>(answer, lifetime, System.nanoTime()));
    }
}
