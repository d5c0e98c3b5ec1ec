package dev.narthex.publish;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.Changes;
import dev.narthex.catalog.Changes.Touched;
import dev.narthex.catalog.Head;
import dev.narthex.spi.Document;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Answers made from the catalog, kept until the package that they speak of changes. A client that asks again costs one look
 * at the head of the change log, and that look is shared; making a packument of hundreds of versions costs thousands of
 * times as much.
 *
 * <p>Before anything is handed out, the log is read up to where it ended when the request began, and what it names is
 * dropped. A document enters the cache as a promise before its maker reads the catalog: a change that the maker did not see
 * is then later in the log than the entry is in the cache, and drops it. Who asks meanwhile waits for the same document, so
 * none is made twice at a time.
 *
 * <p>Bounded by bytes, least useful out first. The ETag is that of the bytes: what is made again and comes out the same need
 * not be loaded again.
 */
@Singleton
class Documents {
    private static final long MOST_BYTES = 64L << 20;

    private final Changes changes;
    private final ReentrantLock following = new ReentrantLock();
    private final AsyncCache<Key, Document> kept = Caffeine.newBuilder()
            .maximumWeight(MOST_BYTES)
            .weigher((Key key, Document document) -> weight(document))
            .buildAsync();
    private volatile Optional<Head> seen = Optional.empty();

    Documents(Changes changes) {
        this.changes = changes;
    }

    /**
     * What a document is of.
     *
     * @param name of the package, normalised; empty for a document about all packages of its ecosystem
     */
    record Subject(long cacheId, String ecosystem, String name) {}

    /** @param form tells apart the documents of one subject */
    record Key(Subject subject, String form) {}

    /**
     * The kept document, or a new one.
     *
     * @param head read when or after the request came: what had changed by then is in the document
     * @param maker makes the body from what the catalog says now
     */
    Document get(Head head, Key key, Supplier<byte[]> maker) {
        follow(head);
        var mine = new CompletableFuture<Document>();
        var entry = kept.get(key, (k, executor) -> mine);
        if (entry == mine) {
            make(mine, key.form(), maker);
        }
        try {
            return entry.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException fault ? fault : e;
        }
    }

    /** The kept document, if it is known without any reading that it is in force at this head. */
    Optional<Document> kept(Head head, Key key) {
        var entry = reached(head) ? kept.getIfPresent(key) : null;
        return entry == null || !entry.isDone() || entry.isCompletedExceptionally()
                ? Optional.empty()
                : Optional.of(entry.join());
    }

    private static void make(CompletableFuture<Document> into, String form, Supplier<byte[]> maker) {
        try {
            into.complete(Document.of(form, maker.get()));
        } catch (RuntimeException | Error e) {
            into.completeExceptionally(e);
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
                .filter(all -> all.stream().noneMatch(t -> t.ecosystem().isEmpty()));
        if (touched.isEmpty()) {
            kept.synchronous().invalidateAll();
            return;
        }
        var subjects = new HashSet<Subject>();
        for (Touched t : touched.get()) {
            subjects.add(new Subject(t.cacheId(), t.ecosystem(), t.normalised()));
            subjects.add(new Subject(t.cacheId(), t.ecosystem(), ""));
        }
        if (!subjects.isEmpty()) {
            kept.asMap().keySet().removeIf(key -> subjects.contains(key.subject()));
        }
    }

    private static int weight(Document document) {
        return 300
                + document.plain().map(b -> b.length).orElse(0)
                + document.gzip().map(b -> b.length).orElse(0);
    }
}
