package dev.narthex.ops.snapshot;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.spi.Job;
import dev.narthex.spi.JobQueue;
import dev.narthex.spi.Nightly;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.pack.SnapshotKey;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.narayana.jta.TransactionSemantics;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Takes snapshots of the database, and keeps the last one of each of the most recent days. The store deletes nothing that a kept
 * snapshot references, so each can be restored completely.
 */
@ApplicationScoped
public class SnapshotJob implements Job {
    static final String KIND = JobQueue.SNAPSHOT;
    private static final String KEEP = "keep";
    private static final Duration OVERDUE_AFTER = Duration.ofHours(36);

    private final DataSource database;
    private final ConfiguredBackends backends;
    private final SnapshotConfig config;

    SnapshotJob(DataSource database, ConfiguredBackends backends, SnapshotConfig config) {
        this.database = database;
        this.backends = backends;
        this.config = config;
    }

    /** Queues the nightly snapshot; as a job it is retried if it fails. */
    @ApplicationScoped
    static class NightlySnapshot implements Nightly {
        private final JobQueue jobs;
        private final SnapshotConfig config;

        NightlySnapshot(JobQueue jobs, SnapshotConfig config) {
            this.jobs = jobs;
            this.config = config;
        }

        @Override
        public String kind() {
            return "snapshots";
        }

        @Override
        public void run() {
            if (config.nightly()) {
                QuarkusTransaction.requiringNew().run(() -> jobs.queue(KIND, KEEP));
            }
        }
    }

    /**
     * Figures about the snapshots that can be restored.
     *
     * @param nightly whether one is taken each night
     * @param last the newest one
     * @param late whether the newest one is overdue
     * @param kept number of snapshots
     * @param bytes total size
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record SnapshotStats(boolean nightly, Optional<LatestSnapshot> last, boolean late, long kept, long bytes) {}

    /**
     * A snapshot.
     *
     * @param at time of the database state
     * @param bytes size in the store
     */
    public record LatestSnapshot(String id, Instant at, long bytes) {}

    public static void queue(JobQueue jobs) {
        jobs.queue(KIND, KEEP);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public boolean patient() {
        return true;
    }

    @Override
    public void run(String key) {
        QuarkusTransaction.runner(TransactionSemantics.SUSPEND_EXISTING).run(() -> {
            try (var connection = database.getConnection()) {
                SnapshotWriter.runExclusively(connection, () -> take(connection, key));
            } catch (SQLException | IOException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        });
    }

    private void take(Connection connection, String key) throws SQLException, IOException {
        var manifest = new SnapshotWriter(backends.writeTarget()).write(connection);
        SnapshotRows.insertSnapshot(connection, manifest, config.keepDays());
        Log.infof("snapshot %s: %d rows in %d bytes", manifest.id(), manifest.rows(), manifest.bytes());
        expire(connection, key.equals(JobQueue.REPLACE) ? Set.of(manifest.id()) : listIdsToKeep(connection));
    }

    /** Returns the last snapshot of each of the most recent days that have one. */
    private Set<String> listIdsToKeep(Connection connection) throws SQLException {
        var days = new HashSet<LocalDate>();
        var keptIds = new HashSet<String>();
        try (var select = connection.prepareStatement("SELECT id, begun_at FROM snapshot ORDER BY begun_at DESC");
                var rows = select.executeQuery()) {
            while (rows.next() && days.size() < config.keepDays()) {
                var day = rows.getObject(2, OffsetDateTime.class)
                        .withOffsetSameInstant(ZoneOffset.UTC)
                        .toLocalDate();
                if (days.add(day)) {
                    keptIds.add(rows.getString(1));
                }
            }
        }
        return keptIds;
    }

    /**
     * Deletes all other snapshots. The row is deleted first, so that nobody relies on the snapshot any more; then the manifest,
     * which invalidates it; then the rest. Files without a manifest are left by a writer that died: no other writer is active now.
     */
    private void expire(Connection connection, Set<String> keptIds) throws SQLException, IOException {
        try (var delete = connection.prepareStatement("DELETE FROM snapshot WHERE id <> ALL (?)")) {
            delete.setArray(1, connection.createArrayOf("text", keptIds.toArray()));
            delete.executeUpdate();
        }
        for (var backend : backends.all()) {
            expire(backend, keptIds);
        }
    }

    private static void expire(Backend backend, Set<String> keptIds) throws IOException {
        List<SnapshotKey> objects;
        try (var listed = backend.list(SnapshotKey.FOLDER)) {
            objects = listed.flatMap(object -> SnapshotKey.parse(object.path()).stream())
                    .filter(key -> !keptIds.contains(key.snapshot()))
                    .collect(Collectors.toCollection(ArrayList::new));
        }
        objects.sort(Comparator.comparing(key -> !key.name().equals(SnapshotManifest.FILE_NAME)));
        for (var key : objects) {
            backend.delete(key);
        }
    }

    public SnapshotStats stats() {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement("""
                        SELECT id, begun_at, bytes, count(*) OVER (), sum(bytes) OVER () FROM snapshot
                        ORDER BY begun_at DESC LIMIT 1""");
                var row = select.executeQuery()) {
            if (!row.next()) {
                return new SnapshotStats(config.nightly(), Optional.empty(), false, 0, 0);
            }
            var last = new LatestSnapshot(
                    row.getString(1), row.getObject(2, OffsetDateTime.class).toInstant(), row.getLong(3));
            boolean late = config.nightly() && last.at.isBefore(Instant.now().minus(OVERDUE_AFTER));
            return new SnapshotStats(config.nightly(), Optional.of(last), late, row.getLong(4), row.getLong(5));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
