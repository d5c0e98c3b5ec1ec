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

/** One index on disk, opened. Questions may go on while it is written; it closes when the last of them has its answer. */
final class OpenIndex implements AutoCloseable {
    /** Threads that write. An index is built for minutes, and half of the processors are for readers meanwhile. */
    private static final int WRITERS = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 2);

    /** In milliseconds. Only {@link #commit} and {@link #finish} commit and refresh: more often makes small segments to merge. */
    private static final int NEVER = Integer.MAX_VALUE;

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
                .property(BACKEND + "indexing.queue_count", WRITERS)
                .property(BACKEND + "io.commit_interval", NEVER)
                .property(BACKEND + "io.refresh_interval", NEVER)
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

    /** Writes documents and returns when the backend has taken them. They are found, and are on disk, after {@link #commit}. */
    void write(Collection<PackageDocument> documents, Collection<Long> goneIds) {
        ask(session -> {
            session.indexingPlanSynchronizationStrategy(OpenIndex::awaitWritten);
            var plan = session.indexingPlan();
            documents.forEach(plan::addOrUpdate);
            goneIds.forEach(id -> plan.purge(PackageDocument.class, id, null));
            return true;
        });
    }

    /** A commit for each plan, as the strategies of Hibernate Search have it, takes most of the time of a long log. */
    private static void awaitWritten(IndexingPlanSynchronizationStrategyConfigurationContext context) {
        context.documentCommitStrategy(DocumentCommitStrategy.NONE);
        context.documentRefreshStrategy(DocumentRefreshStrategy.NONE);
        context.indexingFutureHandler(written -> written.join().throwable().ifPresent(failure -> {
            throw new IllegalStateException("the search index was not written", failure);
        }));
    }

    void commit() {
        ask(session -> {
            var workspace = session.workspace(PackageDocument.class);
            workspace.flush();
            workspace.refresh();
            return true;
        });
    }

    /** The same in a new index, which has none of these documents yet. */
    void fill(List<PackageDocument> documents) {
        ask(session -> {
            session.indexingPlanSynchronizationStrategy(OpenIndex::awaitWritten);
            var plan = session.indexingPlan();
            documents.forEach(plan::add);
            return true;
        });
    }

    /** Brings a new index to disk, as one segment: each segment costs every query a look-up of its every word. */
    void finish() {
        ask(session -> {
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
