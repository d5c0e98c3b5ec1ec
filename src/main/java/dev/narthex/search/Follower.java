package dev.narthex.search;

import dev.narthex.catalog.Changes;
import dev.narthex.catalog.Cursor;
import dev.narthex.catalog.SearchRow;
import dev.narthex.catalog.SearchRows;
import dev.narthex.spi.Contents;
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
 * Keeps the index as the catalog is. One thread takes steps; questions are asked meanwhile.
 *
 * <p>A step follows the change log in batches. Where that cannot work (no index, another epoch, a part of the log gone, a
 * damaged or deleted index), or would read more packages than there are, it builds a new one beside the old, which goes on
 * answering if it can, and puts it in its place.
 */
final class Follower {
    private static final int BATCH = 500;

    /** Of changes. In a great many together fewer packages are read more than once because others declare them. */
    private static final int CHANGES = 10_000;

    /** Changes that mass writes leave, see {@link SearchRows#updateStatistics}. */
    private static final int MANY = 1000;

    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final Progress IDLE = new Progress(false, 0, 0);

    private final SearchRows catalog;
    private final Changes changes;
    private final Contents contents;
    private final IndexFolder folders;
    private final String name;

    private volatile @Nullable Live live;
    private volatile boolean broken;
    private volatile boolean suspected;
    private long lookedAtNanos = System.nanoTime();
    private volatile boolean wanted;
    private volatile Progress progress = IDLE;

    Follower(SearchRows catalog, Changes changes, Contents contents, Path root, String name) {
        this.catalog = catalog;
        this.changes = changes;
        this.contents = contents;
        this.folders = new IndexFolder(root);
        this.name = name;
    }

    /**
     * An index that answers.
     *
     * @param cursor the last change in it
     * @param seenNanos when the log had nothing after that
     */
    record Live(OpenIndex index, Path folder, Cursor cursor, long seenNanos) {}

    /** @param building whether a new index is being made: {@code done} packages of {@code total} are in it */
    record Progress(boolean building, long done, long total) {}

    Optional<Live> live() {
        return Optional.ofNullable(live);
    }

    Progress progress() {
        return progress;
    }

    /** A question failed: the index is looked at, soon. */
    void distrust() {
        suspected = true;
    }

    /** Makes a new index, soon; the old one answers meanwhile. */
    void renew() {
        wanted = true;
    }

    /**
     * Takes in what had changed when it was called, or builds a new index.
     *
     * @throws RuntimeException if the catalog cannot be read; the index stays as it is
     * @throws IOException if the index cannot be written; the next step builds another
     */
    void step() throws IOException {
        var head = changes.head().cursor();
        var at = live;
        if (at == null && !broken) {
            at = opened(head);
        }
        if (at == null || broken || wanted || !at.cursor.epoch().equals(head.epoch()) || at.cursor.seq() > head.seq()) {
            rebuild();
            return;
        }
        if (!IndexFolder.intact(at.folder) || !trusted(at) || !caughtUp(at, head)) {
            broken = true;
        } else if (wanted) {
            rebuild();
        }
    }

    /** Bytes that went wrong may give wrong answers, not only none: all are checked now and then, a second for gigabytes. */
    private boolean trusted(Live at) {
        if (!suspected && System.nanoTime() - lookedAtNanos < LOOK.toNanos()) {
            return true;
        }
        suspected = false;
        lookedAtNanos = System.nanoTime();
        return OpenIndex.sound(at.folder);
    }

    void close() {
        var at = live;
        answerBy(null);
        if (at != null) {
            close(at);
        }
    }

    /** Of an index that lost its files nothing more can be saved, and nothing needs to be. */
    private static void close(Live at) {
        try {
            at.index.close();
        } catch (RuntimeException | InternalError e) {
            Log.infof("search index %s did not close well: %s", at.folder, e.getMessage());
        }
    }

    private @Nullable Live opened(Cursor head) throws IOException {
        for (var folder : folders.complete()) {
            var cursor = IndexFolder.cursor(folder);
            if (cursor.isPresent() && cursor.get().epoch().equals(head.epoch()) && OpenIndex.sound(folder)) {
                var opened = new Live(OpenIndex.open(folder), folder, cursor.get(), System.nanoTime());
                answerBy(opened);
                folders.keepOnly(Optional.of(folder));
                return opened;
            }
        }
        return null;
    }

    /**
     * Returns whether the log reaches back to where the index is. Stops where a new index is sooner made: a package takes the same
     * time either way, 5,000 a second on two processors, so what counts is how many are read.
     */
    private boolean caughtUp(Live from, Cursor head) throws IOException {
        var at = from;
        if (head.seq() - at.cursor.seq() > MANY) {
            catalog.updateStatistics();
        }
        while (at.cursor.seq() < head.seq()) {
            var batch = catalog.changes(at.cursor.seq(), CHANGES);
            if (!batch.whole()) {
                return false;
            }
            long batches = (head.seq() - at.cursor.seq()) / CHANGES;
            if (batches > 1 && batches * batch.packageIds().size() > catalog.packages()) {
                wanted = true;
                return true;
            }
            write(at.index, batch.packageIds());
            commit(at.index);
            var cursor = new Cursor(head.epoch(), batch.seq());
            note(at.folder, cursor);
            at = new Live(at.index, at.folder, cursor, at.seenNanos);
            answerBy(at);
        }
        answerBy(new Live(at.index, at.folder, at.cursor, System.nanoTime()));
        if (at != from) {
            catalog.follow(name, at.cursor);
        }
        return true;
    }

    /** Who waits for a change looks again. */
    private synchronized void answerBy(@Nullable Live now) {
        live = now;
        notifyAll();
    }

    /** Whether this change is in the index, or there is no use in waiting for it: none is there that could take it in soon. */
    boolean reached(Cursor change) {
        var at = live;
        return at == null || progress.building || at.cursor.seq() >= change.seq();
    }

    /** Returns when a change is {@linkplain #reached reached}, or it takes longer. */
    synchronized void await(Cursor change, Duration longest) {
        long end = System.nanoTime() + longest.toNanos();
        try {
            while (!reached(change)) {
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

    private void note(Path folder, Cursor cursor) throws IOException {
        try {
            IndexFolder.write(folder, cursor);
        } catch (IOException e) {
            broken = true;
            throw e;
        }
    }

    private void write(OpenIndex index, Collection<Long> packageIds) {
        for (var ids : packageIds.stream().gather(Gatherers.windowFixed(BATCH)).toList()) {
            var rows = catalog.rows(ids);
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

    private void commit(OpenIndex index) {
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
        folders.keepOnly(Optional.ofNullable(live).map(Live::folder));
        var head = changes.head().cursor();
        var folder = folders.fresh();
        var index = OpenIndex.open(folder);
        try {
            fill(index);
            index.finish();
            IndexFolder.write(folder, head);
        } catch (IOException | RuntimeException | InternalError e) {
            progress = IDLE;
            index.close();
            throw e;
        }
        replace(new Live(index, folder, head, System.nanoTime()));
        folders.keepOnly(Optional.of(folder));
        catalog.follow(name, head);
        Log.infof("rebuilt the search index in %d ms", (System.nanoTime() - begun) / 1_000_000);
    }

    /** The new one answers before the old one stops. */
    private void replace(Live fresh) {
        var old = live;
        answerBy(fresh);
        broken = false;
        wanted = false;
        progress = IDLE;
        if (old != null) {
            close(old);
        }
    }

    /**
     * One step after another, so that either the database or the index works: a thread for each besides would take both
     * processors of a small machine from readers.
     */
    private void fill(OpenIndex index) {
        catalog.updateStatistics();
        long total = catalog.packages();
        long done = 0;
        long after = 0;
        progress = new Progress(true, 0, total);
        for (var ids = catalog.packageIds(after, BATCH); !ids.isEmpty(); ids = catalog.packageIds(after, BATCH)) {
            index.fill(catalog.rows(ids).stream().map(this::document).toList());
            after = ids.getLast();
            done += ids.size();
            progress = new Progress(true, done, total);
        }
    }

    private PackageDocument document(SearchRow row) {
        return new PackageDocument(row, row.narId().map(contents::named).orElse(List.of()));
    }
}
