package dev.narthex.catalog;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Caches the packages with the most dependents, for the home page. The query reads all dependencies of the caches. */
@ApplicationScoped
class Popular {
    private static final Duration QUICK = Duration.ofMillis(200);

    private final Slowly<Question, List<PackageLine>> lines;

    @Inject
    Popular(PackageLists lists) {
        this(lists, QUICK);
    }

    Popular(PackageLists lists, Duration quick) {
        this.lines = new Slowly<>(quick, asked -> lists.mostDepended(asked.cacheIds(), asked.limit()));
    }

    private record Question(Set<Long> cacheIds, int limit) {}

    List<PackageLine> lines(Collection<Long> cacheIds, int limit) {
        return lines.answer(new Question(Set.copyOf(cacheIds), limit));
    }
}
