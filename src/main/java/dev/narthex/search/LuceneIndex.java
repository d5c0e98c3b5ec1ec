package dev.narthex.search;

import io.quarkus.logging.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.FSDirectory;
import org.hibernate.search.backend.lucene.analysis.LuceneAnalysisConfigurer;
import org.hibernate.search.engine.backend.work.execution.DocumentCommitStrategy;
import org.hibernate.search.engine.backend.work.execution.DocumentRefreshStrategy;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.AnnotatedTypeSource;
import org.hibernate.search.mapper.pojo.standalone.mapping.CloseableSearchMapping;
import org.hibernate.search.mapper.pojo.standalone.mapping.SearchMapping;
import org.hibernate.search.mapper.pojo.standalone.mapping.StandalonePojoMappingConfigurer;
import org.hibernate.search.mapper.pojo.standalone.session.SearchSession;
import org.hibernate.search.mapper.pojo.work.IndexingPlanSynchronizationStrategyConfigurationContext;

/** An open Lucene index on disk. Searches may run while it is written; {@link #close} waits for running ones. */
final class LuceneIndex implements AutoCloseable {
    /** Number of indexing threads. A build takes minutes, and half of the processors stay free for searches. */
    private static final int WRITERS = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 2);

    /**
     * Disables periodic commits and refreshes, in milliseconds. Only {@link #commit} and {@link #finish} commit: committing more
     * often creates small segments that must be merged.
     */
    private static final int NEVER = Integer.MAX_VALUE;

    /** Additional word separators: node.js, sys.path and Test::Deep are two words each. */
    static final String BETWEEN_WORDS = "[._:]";

    private static final String BACKEND = "hibernate.search.backend.";

    private final CloseableSearchMapping mapping;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    private LuceneIndex(CloseableSearchMapping mapping) {
        this.mapping = mapping;
    }

    /** Opens the index in this folder, or creates an empty one. */
    static LuceneIndex open(Path folder) {
        // annotation discovery would read jar files, which an application server stores in its own format
        StandalonePojoMappingConfigurer types = context -> context.annotationMapping()
                .discoverAnnotatedTypesFromRootMappingAnnotations(false)
                .discoverJandexIndexesFromAddedTypes(false)
                .buildMissingDiscoveredJandexIndexes(false)
                .add(PackageDocument.class)
                .add(SearchHit.class);
        LuceneAnalysisConfigurer analysis = context -> context.analyzer(PackageDocument.PROSE)
                .custom()
                .tokenizer("standard")
                .charFilter("patternReplace")
                .param("pattern", BETWEEN_WORDS)
                .param("replacement", " ")
                .tokenFilter("lowercase")
                .tokenFilter("asciiFolding")
                .tokenFilter("porterStem");
        return new LuceneIndex(SearchMapping.builder(AnnotatedTypeSource.empty())
                .property("hibernate.search.mapping.configurer", types)
                .property(BACKEND + "type", "lucene")
                .property(BACKEND + "lucene_version", "LATEST")
                .property(BACKEND + "directory.root", folder.toString())
                .property(BACKEND + "analysis.configurer", analysis)
                .property(BACKEND + "indexing.queue_count", WRITERS)
                .property(BACKEND + "io.commit_interval", NEVER)
                .property(BACKEND + "io.refresh_interval", NEVER)
                .build());
    }

    /** Verifies the checksums of the index in this folder; it may be open. */
    static boolean isIntact(Path folder) {
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

    /** Runs a search. Returns empty if the index is closed. */
    <T> Optional<T> query(Function<SearchSession, T> query) {
        lock.readLock().lock();
        try {
            if (closed) {
                return Optional.empty();
            }
            try (var session = mapping.createSession()) {
                return Optional.of(query.apply(session));
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Adds, replaces and removes documents, and returns when the backend has processed them. Searches see them after
     * {@link #commit}, which also writes them to disk.
     */
    void write(Collection<PackageDocument> documents, Collection<Long> goneIds) {
        query(session -> {
            session.indexingPlanSynchronizationStrategy(LuceneIndex::awaitWritten);
            var plan = session.indexingPlan();
            documents.forEach(plan::addOrUpdate);
            goneIds.forEach(id -> plan.purge(PackageDocument.class, id, null));
            return true;
        });
    }

    /**
     * Waits for documents without a commit. The strategies of Hibernate Search commit after each plan, which would take most of
     * the time when many changes are applied.
     */
    private static void awaitWritten(IndexingPlanSynchronizationStrategyConfigurationContext context) {
        context.documentCommitStrategy(DocumentCommitStrategy.NONE);
        context.documentRefreshStrategy(DocumentRefreshStrategy.NONE);
        context.indexingFutureHandler(written -> written.join().throwable().ifPresent(failure -> {
            throw new IllegalStateException("the search index was not written", failure);
        }));
    }

    void commit() {
        query(session -> {
            var workspace = session.workspace(PackageDocument.class);
            workspace.flush();
            workspace.refresh();
            return true;
        });
    }

    /** Adds documents to a new index, which must not contain any of them yet. */
    void fill(List<PackageDocument> documents) {
        query(session -> {
            session.indexingPlanSynchronizationStrategy(LuceneIndex::awaitWritten);
            var plan = session.indexingPlan();
            documents.forEach(plan::add);
            return true;
        });
    }

    /** Writes a new index to disk as one segment: a query looks up each word in each segment. */
    void finish() {
        query(session -> {
            var workspace = session.workspace(PackageDocument.class);
            workspace.mergeSegments();
            workspace.flush();
            return true;
        });
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
