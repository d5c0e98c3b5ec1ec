package dev.narthex.search;

import io.quarkus.logging.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.FSDirectory;
import org.hibernate.search.backend.lucene.analysis.LuceneAnalysisConfigurer;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.AnnotatedTypeSource;
import org.hibernate.search.mapper.pojo.standalone.mapping.CloseableSearchMapping;
import org.hibernate.search.mapper.pojo.standalone.mapping.SearchMapping;
import org.hibernate.search.mapper.pojo.standalone.mapping.StandalonePojoMappingConfigurer;
import org.hibernate.search.mapper.pojo.standalone.session.SearchSession;
import org.hibernate.search.mapper.pojo.work.IndexingPlanSynchronizationStrategy;

/** One index on disk, opened. Questions may go on while it is written; it closes when the last of them has its answer. */
final class OpenIndex implements AutoCloseable {
    private static final Duration ARRIVAL = Duration.ofSeconds(60);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    /** Beside what always does: node.js, sys.path and Test::Deep are of two words. */
    static final String BETWEEN_WORDS = "[._:]";

    private static final String BACKEND = "hibernate.search.backend.";

    private final CloseableSearchMapping mapping;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    private OpenIndex(CloseableSearchMapping mapping) {
        this.mapping = mapping;
    }

    /** Opens the index of this folder, or an empty one if there is none. */
    static OpenIndex open(Path folder) {
        // discovery by annotation would read jars, which an application server keeps in its own way
        StandalonePojoMappingConfigurer types = context -> context.annotationMapping()
                .discoverAnnotatedTypesFromRootMappingAnnotations(false)
                .discoverJandexIndexesFromAddedTypes(false)
                .buildMissingDiscoveredJandexIndexes(false)
                .add(PackageDocument.class)
                .add(Match.class);
        LuceneAnalysisConfigurer analysis = context -> context.analyzer(PackageDocument.PROSE)
                .custom()
                .tokenizer("standard")
                .charFilter("patternReplace")
                .param("pattern", BETWEEN_WORDS)
                .param("replacement", " ")
                .tokenFilter("lowercase")
                .tokenFilter("asciiFolding")
                .tokenFilter("porterStem");
        return new OpenIndex(SearchMapping.builder(AnnotatedTypeSource.empty())
                .property("hibernate.search.mapping.configurer", types)
                .property(BACKEND + "type", "lucene")
                .property(BACKEND + "lucene_version", "LATEST")
                .property(BACKEND + "directory.root", folder.toString())
                .property(BACKEND + "analysis.configurer", analysis)
                .property(BACKEND + "indexing.queue_count", 2)
                .build());
    }

    /** Whether every byte of the index in this folder is as it was written; it may be in use. */
    static boolean sound(Path folder) {
        try (var directory = FSDirectory.open(folder.resolve("package"));
                var reader = DirectoryReader.open(directory)) {
            for (var segment : reader.leaves()) {
                segment.reader().checkIntegrity();
            }
            return true;
        } catch (IOException | RuntimeException | InternalError e) {
            Log.warnf("search index %s cannot be read: %s", folder, e.getMessage());
            return false;
        }
    }

    /** Empty if the index was closed meanwhile. */
    <T> Optional<T> ask(Function<SearchSession, T> question) {
        lock.readLock().lock();
        try {
            if (closed) {
                return Optional.empty();
            }
            try (var session = mapping.createSession()) {
                return Optional.of(question.apply(session));
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Returns when all of it is on disk and is found. */
    void write(Collection<PackageDocument> documents, Collection<Long> goneIds) {
        ask(session -> {
            session.indexingPlanSynchronizationStrategy(IndexingPlanSynchronizationStrategy.sync());
            var plan = session.indexingPlan();
            documents.forEach(plan::addOrUpdate);
            goneIds.forEach(id -> plan.purge(PackageDocument.class, id, null));
            return true;
        });
    }

    /** For a new index: returns before it is written, and tells of no failure; {@link #finish} does both. */
    void fill(List<PackageDocument> documents) {
        ask(session -> {
            session.indexingPlanSynchronizationStrategy(IndexingPlanSynchronizationStrategy.async());
            var plan = session.indexingPlan();
            documents.forEach(plan::add);
            return true;
        });
    }

    /**
     * Brings a new index to disk, once everything that was filled in has arrived: the backend writes it behind our back.
     *
     * @param documents that were filled in
     * @throws IOException if not all of them arrived
     */
    void finish(long documents) throws IOException {
        long end = System.nanoTime() + ARRIVAL.toNanos();
        long arrived = arrived();
        while (arrived < documents && System.nanoTime() < end) {
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            arrived = arrived();
        }
        if (arrived != documents) {
            throw new IOException("%d of %d packages were written".formatted(arrived, documents));
        }
        ask(session -> {
            var workspace = session.workspace(PackageDocument.class);
            // one segment: each costs every question a look-up of its every word
            workspace.mergeSegments();
            workspace.flush();
            return true;
        });
    }

    private long arrived() {
        ask(session -> {
            session.workspace(PackageDocument.class).refresh();
            return true;
        });
        return count();
    }

    private long count() {
        return ask(session -> session.search(PackageDocument.class)
                        .where(f -> f.matchAll())
                        .fetchTotalHitCount())
                .orElse(-1L);
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            closed = true;
            mapping.close();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
