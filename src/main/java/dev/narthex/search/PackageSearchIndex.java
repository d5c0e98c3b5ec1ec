package dev.narthex.search;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.release.IndexSource;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.PackageIndex;
import dev.narthex.spi.PathNames;
import io.quarkus.arc.All;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.search.mapper.pojo.standalone.session.SearchSession;
import org.hibernate.search.util.common.SearchTimeoutException;

/**
 * The search index of this process. Results are empty while there is no index, or if it is more than 10 seconds behind the
 * catalog; callers then query the catalog.
 */
@Singleton
public class PackageSearchIndex implements PackageIndex {
    /**
     * Minimum pause between polls of the change log. Longer steps are followed by longer pauses, so that indexing uses at most 5%
     * of a processor.
     */
    private static final Duration SHORTEST_REST = Duration.ofMillis(250);

    private static final Duration MAX_PAUSE = Duration.ofSeconds(1);
    private static final int REST_FOR_WORK = 20;

    private static final Duration WAIT_AFTER_FAILURE = Duration.ofSeconds(5);
    private static final Duration BEHIND = Duration.ofSeconds(10);

    /** Maximum time that a registry's search waits until earlier writes are indexed. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final int SUGGESTIONS = 8;
    private static final int RETRY_SECONDS = 5;

    private final ChangeLog changes;
    private final IndexUpdater updater;
    private final List<Ecosystem> ecosystems;
    private final Semaphore wakeups = new Semaphore(0);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    PackageSearchIndex(
            IndexSource catalog,
            ChangeLog changes,
            PathNames contents,
            @All List<Ecosystem> ecosystems,
            @ConfigProperty(name = "narthex.data") Path data) {
        this.changes = changes;
        this.updater = new IndexUpdater(catalog, changes, contents, data.resolve("index"), replica(data));
        this.ecosystems = List.copyOf(ecosystems);
        this.thread = Thread.ofPlatform().name("search-index").daemon().unstarted(this::followChanges);
    }

    /**
     * Status of the index.
     *
     * @param ready whether searches are answered
     * @param building whether a rebuild is running; {@code done} of {@code total} packages are indexed
     * @param revision changes whenever results may change; empty if not ready
     * @param asOf during a rebuild, when the index that answers was last up to date
     */
    public record State(
            boolean ready, boolean building, long done, long total, String revision, Optional<Instant> asOf) {}

    public State state() {
        var progress = updater.progress();
        var live = ready();
        var revision = live.map(at -> at.cursor().revision()).orElse("");
        var asOf = live.filter(at -> progress.building())
                .map(at -> Instant.now()
                        .minusNanos(System.nanoTime() - at.seenNanos())
                        .truncatedTo(ChronoUnit.SECONDS));
        return new State(live.isPresent(), progress.building(), progress.done(), progress.total(), revision, asOf);
    }

    /** Returns the time since the index was last known to be up to date; empty if there is no index. */
    public Optional<Duration> lag() {
        return updater.live().map(live -> Duration.ofNanos(System.nanoTime() - live.seenNanos()));
    }

    /**
     * Returns one page of hits, with facet counts over all hits.
     *
     * @throws dev.narthex.problem.ProblemException Malformed if the page is beyond {@link SearchQuery#LAST_PAGE}
     */
    public Optional<PackageSearchResult> search(SearchQuery query) {
        if (query.page() > SearchQuery.LAST_PAGE) {
            throw Problem.malformed(
                    "page",
                    Integer.toString(query.page()),
                    "the last page shown is %d. Narrow the search by more words or a filter."
                            .formatted(SearchQuery.LAST_PAGE));
        }
        return query.caches().isEmpty()
                ? Optional.of(PackageSearchResult.NONE)
                : query((session, clauses) -> new IndexQuery(session, clauses).matches(query));
    }

    /** Returns at most 8 packages whose name, or a later part of it, starts with this text; best first. */
    public Optional<List<SearchHit>> suggest(String text, Collection<Long> caches) {
        return caches.isEmpty() || FoldedName.of(text).isEmpty()
                ? Optional.of(List.of())
                : query((session, clauses) -> new IndexQuery(session, clauses)
                        .suggest(ParsedQuery.of(text).plain(), caches, SUGGESTIONS));
    }

    /**
     * Returns packages whose name has an edit distance of at most 2 or starts with this text, as candidates for spelling
     * suggestions; the caller orders them.
     */
    public Optional<List<SearchHit>> similarNames(String text, Collection<Long> caches, int limit) {
        return caches.isEmpty() || FoldedName.of(text).isEmpty()
                ? Optional.of(List.of())
                : query((session, clauses) ->
                        new IndexQuery(session, clauses).topHits(clauses.similarNames(text), caches, limit));
    }

    /**
     * Returns names that match. The results contain everything committed before the call, so that clients can search immediately
     * after publishing; waits up to 2 seconds for the index.
     */
    @Override
    public Optional<NameMatches> names(long cacheId, String ecosystem, String text, int from, int size) {
        var filter = new SearchQuery.Filter(Facet.ECOSYSTEM, ecosystem);
        var query = new SearchQuery(text, Set.of(cacheId), List.of(filter), SearchQuery.Order.BEST, 1);
        var change = changes.requestHead().cursor();
        if (!updater.contains(change)) {
            wakeups.release();
            updater.await(change, PATIENCE);
        }
        return query((session, clauses) -> new IndexQuery(session, clauses).names(query, from, size));
    }

    /** Requests a rebuild of the index in the background. The current one answers until it is complete. */
    public void rebuild() {
        updater.renew();
    }

    void start(@Observes StartupEvent ready) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent end) throws InterruptedException {
        stopped.countDown();
        wakeups.release();
        thread.join(Duration.ofSeconds(10));
        updater.close();
    }

    private <T> Optional<T> query(BiFunction<SearchSession, RelevanceClauses, T> query) {
        return ready().flatMap(live -> {
            try {
                return live.index()
                        .query(session -> query.apply(
                                session,
                                new RelevanceClauses(
                                        session.scope(PackageDocument.class).predicate(),
                                        ecosystems,
                                        Clock.systemUTC())));
            } catch (SearchTimeoutException e) {
                throw Problem.unavailable("The search took too long. Try again, or with a longer word.", RETRY_SECONDS);
            } catch (RuntimeException | InternalError e) {
                // reading beyond the end of a memory-mapped file that was truncated raises an InternalError
                Log.warn("the search index cannot answer", e);
                updater.requestCheck();
                return Optional.empty();
            }
        });
    }

    private Optional<IndexUpdater.LiveIndex> ready() {
        return updater.live()
                .filter(live ->
                        updater.progress().building() || System.nanoTime() - live.seenNanos() < BEHIND.toNanos());
    }

    private void followChanges() {
        while (stopped.getCount() > 0) {
            try {
                long begun = System.nanoTime();
                updater.applyBatch();
                awaitCall(restAfter(System.nanoTime() - begun));
            } catch (IOException | RuntimeException | InternalError e) {
                if (stopped.getCount() > 0) {
                    Log.warnf("the search index cannot follow the catalog, trying again: %s", e.getMessage());
                }
                awaitStop();
            }
        }
    }

    private static long restAfter(long workNanos) {
        return Math.clamp(REST_FOR_WORK * workNanos, SHORTEST_REST.toNanos(), MAX_PAUSE.toNanos());
    }

    /** Waits until a search needs recent changes, or until the pause is over. */
    private void awaitCall(long restNanos) {
        try {
            if (wakeups.tryAcquire(restNanos, TimeUnit.NANOSECONDS)) {
                wakeups.drainPermits();
            }
        } catch (InterruptedException e) {
            stopped.countDown();
        }
    }

    private void awaitStop() {
        try {
            stopped.await(WAIT_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            stopped.countDown();
        }
    }

    private static String replica(Path data) {
        try {
            return InetAddress.getLocalHost().getHostName() + ":" + data.toAbsolutePath();
        } catch (IOException e) {
            return data.toAbsolutePath().toString();
        }
    }
}
