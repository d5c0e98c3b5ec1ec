package dev.narthex.publish;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.narthex.catalog.Changes;
import dev.narthex.catalog.Changes.Touched;
import dev.narthex.catalog.Head;
import dev.narthex.spi.Document;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Caches documents that are made from the catalog until the package or store path they describe changes. A repeated request costs
 * one shared look at the head of the change log; making a packument of hundreds of versions costs thousands of times as much.
 *
 * <p>Before a document is returned, the change log is read up to the head at the start of the request, and the documents of changed
 * packages and paths are dropped. The cache entry is created as a future before the maker reads the catalog. So a change that the
 * maker did not see is later in the log than the entry in the cache, and drops it. Concurrent requests wait for the same future, so
 * a document is never made twice at the same time.
 *
 * <p>The cache is bounded by bytes; the least useful documents are evicted. The ETag is computed from the bytes, so a document that
 * is made again with the same content is not downloaded again.
 */
@Singleton
class Documents {
    private static final long MOST_BYTES = 64L << 20;

    /** Bounded, because the store may drop a damaged NAR without an entry in the change log. */
    private static final Duration OF_A_PATH = Duration.ofSeconds(10);

    private static final Duration FOR_EVER = Duration.ofDays(1000);

    private final Changes changes;
    private final ReentrantLock following = new ReentrantLock();
    private final AsyncCache<Key, Made> kept = Caffeine.newBuilder()
            .maximumWeight(MOST_BYTES)
            .weigher((Key key, Made made) -> made.weight())
            .expireAfter(Expiry.creating((Key key, Made made) -> key.subject().isPath() ? OF_A_PATH : FOR_EVER))
            .buildAsync();
    private volatile Optional<Head> seen = Optional.empty();

    Documents(Changes changes) {
        this.changes = changes;
    }

    /**
     * The subject of a document.
     *
     * @param ecosystem empty for a store path
     * @param name normalized package name, empty for a document about all packages of the ecosystem; hash part for a store path
     */
    record Subject(long cacheId, String ecosystem, String name) {
        static Subject path(long cacheId, String hashPart) {
            return new Subject(cacheId, "", hashPart);
        }

        boolean isPath() {
            return ecosystem.isEmpty();
        }
    }

    /** @param form distinguishes the documents of one subject */
    record Key(Subject subject, String form) {}

    /**
     * Returns the cached document, or makes and caches a new one.
     *
     * @param head read during the request; the document includes all changes up to it
     * @param maker makes the document from the current state of the catalog
     */
    Document get(Head head, Key key, Supplier<Document> maker) {
        follow(head);
        var mine = new CompletableFuture<Made>();
        var entry = kept.get(key, (k, executor) -> mine);
        if (entry == mine) {
            make(key, mine, maker);
        }
        return entry.join().document();
    }

    /** Returns the cached document if it is known to be current at this head without reading the change log. */
    Optional<Document> kept(Head head, Key key) {
        var entry = reached(head) ? kept.getIfPresent(key) : null;
        return entry == null || !entry.isDone() || entry.isCompletedExceptionally()
                ? Optional.empty()
                : entry.join().found();
    }

    /** The result of making a document. A failure is only passed to the requests that wait for it; it is not cached. */
    private record Made(Optional<Document> found, Optional<RuntimeException> fault) {
        Document document() {
            return found.orElseThrow(() -> fault.orElseThrow());
        }

        int weight() {
            return 300
                    + found.flatMap(Document::plain).map(b -> b.length).orElse(0)
                    + found.flatMap(Document::gzip).map(b -> b.length).orElse(0);
        }
    }

    private void make(Key key, CompletableFuture<Made> into, Supplier<Document> maker) {
        try {
            into.complete(new Made(Optional.of(maker.get()), Optional.empty()));
        } catch (RuntimeException e) {
            into.complete(new Made(Optional.empty(), Optional.of(e)));
            kept.asMap().remove(key, into);
        } catch (Error e) {
            into.completeExceptionally(e);
            throw e;
        }
    }

    private void follow(Head head) {
        if (reached(head)) {
            return;
        }
        following.lock();
        try {
            if (!reached(head)) {
                drop(head);
                seen = Optional.of(head);
            }
        } finally {
            following.unlock();
        }
    }

    private boolean reached(Head head) {
        return seen.filter(s -> s.epoch().equals(head.epoch()) && s.seq() >= head.seq())
                .isPresent();
    }

    private void drop(Head head) {
        var touched = seen.filter(s -> s.epoch().equals(head.epoch()))
                .flatMap(s -> changes.touched(s.seq(), head.seq()))
                .filter(all -> all.stream().noneMatch(t -> t instanceof Touched.OnePackage one && one.gone()));
        if (touched.isEmpty()) {
            kept.synchronous().invalidateAll();
            return;
        }
        var subjects = new HashSet<Subject>();
        for (Touched t : touched.get()) {
            switch (t) {
                case Touched.OnePackage of -> {
                    subjects.add(new Subject(of.cacheId(), of.ecosystem(), of.normalised()));
                    subjects.add(new Subject(of.cacheId(), of.ecosystem(), ""));
                }
                case Touched.OnePath of -> subjects.add(Subject.path(of.cacheId(), of.hashPart()));
            }
        }
        if (!subjects.isEmpty()) {
            kept.asMap().keySet().removeIf(key -> subjects.contains(key.subject()));
        }
    }
}
