package dev.narthex.search;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.change.ChangeLogCursor;
import dev.narthex.catalog.release.IndexSource;
import dev.narthex.catalog.release.IndexedPackage;
import dev.narthex.spi.PathNames;
import io.quarkus.logging.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Gatherers;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the search index up to date with the catalog. One thread calls {@link #applyBatch}; searches run concurrently.
 *
 * <p>A step applies the change log in batches. It rebuilds the index instead if it is missing, if the log has another epoch or no
 * longer reaches back far enough, if the index is damaged or deleted, or if following would read more packages than a rebuild.
 * The old index answers during the rebuild if it can, and is then replaced.
 */
final class IndexUpdater {
    private static final int BATCH = 500;

    /** Changes per batch. In a large batch, a package that several changes affect is read only once. */
    private static final int CHANGES = 10_000;

    /**
     * Number of pending changes that indicates mass writes, after which table statistics are outdated; see
     * {@link IndexSource#updateStatistics}.
     */
    private static final int MANY = 1000;

    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final Progress IDLE = new Progress(false, 0, 0);

    private final IndexSource indexSource;
    private final ChangeLog changes;
    private final PathNames contents;
    private final IndexFolder folders;
    private final String name;

    private volatile @Nullable LiveIndex live;
    private volatile boolean broken;
    private volatile boolean suspected;
    private long lookedAtNanos = System.nanoTime();
    private volatile boolean checkRequested;
    private volatile Progress progress = IDLE;

    IndexUpdater(IndexSource indexSource, ChangeLog changes, PathNames contents, Path root, String name) {
        this.indexSource = indexSource;
        this.changes = changes;
        this.contents = contents;
        this.folders = new IndexFolder(root);
        this.name = name;
    }

    /**
     * An index that can be searched.
     *
     * @param cursor the last change that it contains
     * @param seenNanos {@link System#nanoTime} when it last contained all changes of the log
     */
    record LiveIndex(LuceneIndex index, Path folder, ChangeLogCursor cursor, long seenNanos) {}

    /** @param building whether a rebuild is running; {@code done} of {@code total} packages are indexed */
    record Progress(boolean building, long done, long total) {}

    Optional<LiveIndex> live() {
        return Optional.ofNullable(live);
    }

    Progress progress() {
        return progress;
    }

    /** Makes the next step check the index for damage, after a failed search. */
    void requestCheck() {
        suspected = true;
    }

    /** Makes the next step rebuild the index. The old one answers until the rebuild is complete. */
    void renew() {
        checkRequested = true;
    }

    /**
     * Applies all changes that are in the log now, or rebuilds the index.
     *
     * @throws RuntimeException if the catalog cannot be read; the index is unchanged
     * @throws IOException if the index cannot be written; the next step rebuilds it
     */
    void applyBatch() throws IOException {
        var head = changes.head().cursor();
        var at = live;
        if (at == null && !broken) {
            at = openExisting(head);
        }
        if (at == null
                || broken
                || checkRequested
                || !at.cursor.epoch().equals(head.epoch())
                || at.cursor.seq() > head.seq()) {
            rebuild();
            return;
        }
        if (!IndexFolder.isIntact(at.folder) || !isUndamaged(at) || !applyChanges(at, head)) {
            broken = true;
        } else if (checkRequested) {
            rebuild();
        }
    }

    /**
     * Returns whether the checksums of the index are correct. Damaged files can cause wrong results without an error, so this
     * runs every 30 seconds and after a failed search. It reads the whole index, about one second for gigabytes.
     */
    private boolean isUndamaged(LiveIndex at) {
        if (!suspected && System.nanoTime() - lookedAtNanos < LOOK.toNanos()) {
            return true;
        }
        suspected = false;
        lookedAtNanos = System.nanoTime();
        return LuceneIndex.isIntact(at.folder);
    }

    void close() {
        var at = live;
        answerBy(null);
        if (at != null) {
            close(at);
        }
    }

    /** Closes an index. Failures are only logged: a damaged index is rebuilt from the catalog. */
    private static void close(LiveIndex at) {
        try {
            at.index.close();
        } catch (RuntimeException | InternalError e) {
            Log.infof("search index %s did not close well: %s", at.folder, e.getMessage());
        }
    }

    private @Nullable LiveIndex openExisting(ChangeLogCursor head) throws IOException {
        for (var folder : folders.listComplete()) {
            var cursor = IndexFolder.cursor(folder);
            if (cursor.isPresent() && cursor.get().epoch().equals(head.epoch()) && LuceneIndex.isIntact(folder)) {
                var opened = new LiveIndex(LuceneIndex.open(folder), folder, cursor.get(), System.nanoTime());
                answerBy(opened);
                folders.keepOnly(Optional.of(folder));
                return opened;
            }
        }
        return null;
    }

    /**
     * Applies the change log. Returns false if the log no longer reaches back to the index. Requests a rebuild if that reads
     * fewer packages: indexing a package takes the same time either way, about 5,000 per second on two processors.
     */
    private boolean applyChanges(LiveIndex from, ChangeLogCursor head) throws IOException {
        var at = from;
        if (head.seq() - at.cursor.seq() > MANY) {
            indexSource.updateStatistics();
        }
        while (at.cursor.seq() < head.seq()) {
            var batch = indexSource.changes(at.cursor.seq(), CHANGES);
            if (!batch.last()) {
                return false;
            }
            long batches = (head.seq() - at.cursor.seq()) / CHANGES;
            if (batches > 1 && batches * batch.packageIds().size() > indexSource.packages()) {
                checkRequested = true;
                return true;
            }
            write(at.index, batch.packageIds());
            commit(at.index);
            var cursor = new ChangeLogCursor(head.epoch(), batch.seq());
            recordPosition(at.folder, cursor);
            at = new LiveIndex(at.index, at.folder, cursor, at.seenNanos);
            answerBy(at);
        }
        answerBy(new LiveIndex(at.index, at.folder, at.cursor, System.nanoTime()));
        if (at != from) {
            indexSource.recordPosition(name, at.cursor);
        }
        return true;
    }

    /** Sets the index that answers, and wakes threads in {@link #await}. */
    private synchronized void answerBy(@Nullable LiveIndex now) {
        live = now;
        notifyAll();
    }

    /**
     * Returns whether the index contains this change, or waiting is pointless because there is no index or it is being rebuilt.
     */
    boolean contains(ChangeLogCursor change) {
        var at = live;
        return at == null || progress.building || at.cursor.seq() >= change.seq();
    }

    /** Waits until a change is {@linkplain #contains reached}, at most for {@code longest}. */
    synchronized void await(ChangeLogCursor change, Duration longest) {
        long end = System.nanoTime() + longest.toNanos();
        try {
            while (!contains(change)) {
                long millis = Duration.ofNanos(end - System.nanoTime()).toMillis();
                if (millis <= 0) {
                    return;
                }
                wait(millis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void recordPosition(Path folder, ChangeLogCursor cursor) throws IOException {
        try {
            IndexFolder.write(folder, cursor);
        } catch (IOException e) {
            broken = true;
            throw e;
        }
    }

    private void write(LuceneIndex index, Collection<Long> packageIds) {
        for (var ids : packageIds.stream().gather(Gatherers.windowFixed(BATCH)).toList()) {
            var rows = indexSource.rows(ids);
            var gone = new HashSet<>(ids);
            rows.forEach(row -> gone.remove(row.id()));
            var documents = rows.stream().map(this::document).toList();
            try {
                index.write(documents, gone);
            } catch (RuntimeException | InternalError e) {
                broken = true;
                throw e;
            }
        }
    }

    private void commit(LuceneIndex index) {
        try {
            index.commit();
        } catch (RuntimeException | InternalError e) {
            broken = true;
            throw e;
        }
    }

    private void rebuild() throws IOException {
        var begun = System.nanoTime();
        var old = live;
        if (old != null && broken) {
            close();
        }
        folders.keepOnly(Optional.ofNullable(live).map(LiveIndex::folder));
        var head = changes.head().cursor();
        var folder = folders.create();
        var index = LuceneIndex.open(folder);
        try {
            fill(index);
            index.finish();
            IndexFolder.write(folder, head);
        } catch (IOException | RuntimeException | InternalError e) {
            progress = IDLE;
            index.close();
            throw e;
        }
        replace(new LiveIndex(index, folder, head, System.nanoTime()));
        folders.keepOnly(Optional.of(folder));
        indexSource.recordPosition(name, head);
        Log.infof("rebuilt the search index in %d ms", (System.nanoTime() - begun) / 1_000_000);
    }

    /** Switches searches to the new index before the old one is closed. */
    private void replace(LiveIndex fresh) {
        var old = live;
        answerBy(fresh);
        broken = false;
        checkRequested = false;
        progress = IDLE;
        if (old != null) {
            close(old);
        }
    }

    /**
     * Indexes all packages. Reading and indexing alternate in one thread: two threads would occupy both processors of a small
     * machine and slow down searches.
     */
    private void fill(LuceneIndex index) {
        indexSource.updateStatistics();
        long total = indexSource.packages();
        long done = 0;
        long after = 0;
        progress = new Progress(true, 0, total);
        for (var ids = indexSource.packageIds(after, BATCH);
                !ids.isEmpty();
                ids = indexSource.packageIds(after, BATCH)) {
            index.fill(indexSource.rows(ids).stream().map(this::document).toList());
            after = ids.getLast();
            done += ids.size();
            progress = new Progress(true, done, total);
        }
    }

    private PackageDocument document(IndexedPackage row) {
        return new PackageDocument(row, row.narId().map(contents::list).orElse(List.of()));
    }
}
