package dev.narthex.publish.registry;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.change.ChangeLog.ChangedItem;
import dev.narthex.catalog.change.ChangeLogHead;
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
class DocumentCache {
    private static final long MAX_BYTES = 64L << 20;

    /** Bounded, because the store may drop a damaged NAR without an entry in the change log. */
    private static final Duration PATH_TTL = Duration.ofSeconds(10);

    private static final Duration PACKAGE_TTL = Duration.ofDays(1000);

    private final ChangeLog changes;
    private final ReentrantLock syncLock = new ReentrantLock();
    private final AsyncCache<DocumentKey, DocumentResult> entries = Caffeine.newBuilder()
            .maximumWeight(MAX_BYTES)
            .weigher((DocumentKey key, DocumentResult result) -> result.weight())
            .expireAfter(Expiry.creating(
                    (DocumentKey key, DocumentResult result) -> key.subject().isPath() ? PATH_TTL : PACKAGE_TTL))
            .buildAsync();
    private volatile Optional<ChangeLogHead> appliedHead = Optional.empty();

    DocumentCache(ChangeLog changes) {
        this.changes = changes;
    }

    /**
     * The subject of a document.
     *
     * @param ecosystem empty for a store path
     * @param name normalized package name, empty for a document about all packages of the ecosystem; hash part for a store path
     */
    record DocumentSubject(long cacheId, String ecosystem, String name) {
        static DocumentSubject ofPath(long cacheId, String hashPart) {
            return new DocumentSubject(cacheId, "", hashPart);
        }

        boolean isPath() {
            return ecosystem.isEmpty();
        }
    }

    /** @param form distinguishes the documents of one subject */
    record DocumentKey(DocumentSubject subject, String form) {}

    /**
     * Returns the cached document, or makes and caches a new one.
     *
     * @param head read during the request; the document includes all changes up to it
     * @param factory makes the document from the current state of the catalog
     */
    Document get(ChangeLogHead head, DocumentKey key, Supplier<Document> factory) {
        catchUpTo(head);
        var future = new CompletableFuture<DocumentResult>();
        var entry = entries.get(key, (k, executor) -> future);
        if (entry == future) {
            computeDocument(key, future, factory);
        }
        return entry.join().requireDocument();
    }

    /** Returns the cached document if it is known to be current at this head without reading the change log. */
    Optional<Document> findCurrent(ChangeLogHead head, DocumentKey key) {
        var entry = isCaughtUpTo(head) ? entries.getIfPresent(key) : null;
        return entry == null || !entry.isDone() || entry.isCompletedExceptionally()
                ? Optional.empty()
                : entry.join().value();
    }

    /** The result of making a document. A failure is only passed to the requests that wait for it; it is not cached. */
    private record DocumentResult(Optional<Document> value, Optional<RuntimeException> failure) {
        Document requireDocument() {
            return value.orElseThrow(() -> failure.orElseThrow());
        }

        int weight() {
            return 300
                    + value.flatMap(Document::plain).map(b -> b.length).orElse(0)
                    + value.flatMap(Document::gzip).map(b -> b.length).orElse(0);
        }
    }

    private void computeDocument(
            DocumentKey key, CompletableFuture<DocumentResult> future, Supplier<Document> factory) {
        try {
            future.complete(new DocumentResult(Optional.of(factory.get()), Optional.empty()));
        } catch (RuntimeException e) {
            future.complete(new DocumentResult(Optional.empty(), Optional.of(e)));
            entries.asMap().remove(key, future);
        } catch (Error e) {
            future.completeExceptionally(e);
            throw e;
        }
    }

    private void catchUpTo(ChangeLogHead head) {
        if (isCaughtUpTo(head)) {
            return;
        }
        syncLock.lock();
        try {
            if (!isCaughtUpTo(head)) {
                invalidateChanged(head);
                appliedHead = Optional.of(head);
            }
        } finally {
            syncLock.unlock();
        }
    }

    private boolean isCaughtUpTo(ChangeLogHead head) {
        return appliedHead
                .filter(applied -> applied.epoch().equals(head.epoch()) && applied.seq() >= head.seq())
                .isPresent();
    }

    private void invalidateChanged(ChangeLogHead head) {
        var affected = appliedHead
                .filter(applied -> applied.epoch().equals(head.epoch()))
                .flatMap(applied -> changes.changedBetween(applied.seq(), head.seq()))
                .filter(items -> items.stream()
                        .noneMatch(item ->
                                item instanceof ChangedItem.OnePackage changedPackage && changedPackage.gone()));
        if (affected.isEmpty()) {
            entries.synchronous().invalidateAll();
            return;
        }
        var subjects = new HashSet<DocumentSubject>();
        for (ChangedItem item : affected.get()) {
            switch (item) {
                case ChangedItem.OnePackage packageItem -> {
                    subjects.add(new DocumentSubject(
                            packageItem.cacheId(), packageItem.ecosystem(), packageItem.normalized()));
                    subjects.add(new DocumentSubject(packageItem.cacheId(), packageItem.ecosystem(), ""));
                }
                case ChangedItem.OnePath pathItem ->
                    subjects.add(DocumentSubject.ofPath(pathItem.cacheId(), pathItem.hashPart()));
            }
        }
        if (!subjects.isEmpty()) {
            entries.asMap().keySet().removeIf(key -> subjects.contains(key.subject()));
        }
    }
}
