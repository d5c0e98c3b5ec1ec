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
 * Answers made from the catalog, kept until the package or store path that they speak of changes. A client that asks again costs one look
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

    /** The store may give up a NAR, of which the log says nothing. */
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
     * What a document is of.
     *
     * @param ecosystem empty for a store path
     * @param name of the package, normalised; empty for a document about all packages of its ecosystem; of a path its hash part
     */
    record Subject(long cacheId, String ecosystem, String name) {
        static Subject path(long cacheId, String hashPart) {
            return new Subject(cacheId, "", hashPart);
        }

        boolean isPath() {
            return ecosystem.isEmpty();
        }
    }

    /** @param form tells apart the documents of one subject */
    record Key(Subject subject, String form) {}

    /**
     * The kept document, or a new one.
     *
     * @param head read when or after the request came: what had changed by then is in the document
     * @param maker makes it from what the catalog says now
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

    /** The kept document, if it is known without any reading that it is in force at this head. */
    Optional<Document> kept(Head head, Key key) {
        var entry = reached(head) ? kept.getIfPresent(key) : null;
        return entry == null || !entry.isDone() || entry.isCompletedExceptionally()
                ? Optional.empty()
                : entry.join().found();
    }

    /** What came of making a document: it, or why there is none, which those who wait are told and nobody else. */
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
