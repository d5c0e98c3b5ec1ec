package dev.narthex.admin;

import dev.narthex.access.Access;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.admin.StorageReport.CollectionSummary;
import dev.narthex.admin.StorageReport.LostPath;
import dev.narthex.admin.StorageReport.SweepStatus;
import dev.narthex.nix.StorePath;
import dev.narthex.ops.jobs.JobScheduler;
import dev.narthex.ops.snapshot.SnapshotJob;
import dev.narthex.store.upkeep.PackStats;
import dev.narthex.store.upkeep.ScrubStats;
import dev.narthex.store.upkeep.StoreScrubber;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * Reports storage figures of the whole instance to its admins, with a few statements whatever its size, and starts checks and
 * snapshots.
 */
@ApplicationScoped
public class AdminStorage {
    private static final String FIGURES = """
            select pg_database_size(current_database()) as database_bytes, u.caches, u.paths, u.bytes,
              s.last_success, s.execution_time, s.failures, s.task_data
            from (select count(*) as caches, coalesce(sum(paths), 0) as paths, coalesce(sum(bytes), 0) as bytes
                from cache_usage x join cache c on c.id = x.cache_id where c.removed_at is null) u
              left join (select last_success, execution_time, coalesce(consecutive_failures, 0) as failures, task_data
                from scheduled_tasks where task_name = ?) s on true""";

    private static final int MAX_LOST_PATHS = 50;
    private static final String LOST = """
            select c.name as cache, p.hash_part, p.name from nar n
              join path p on p.nar_id = n.id join cache c on c.id = p.cache_id
            where n.state = 'B' and c.removed_at is null order by n.id desc, p.id limit ?""";

    private static final String COLLECTIONS = """
            select c.name as cache, r.started_at, r.ended_at, r.by is not null as asked, r.paths, r.bytes, r.releases
            from collection r join cache c on c.id = r.cache_id
            where not r.dry and c.removed_at is null order by r.id desc limit 10""";

    private final DataSource database;
    private final PackStats packStats;
    private final ScrubStats scrubStats;
    private final StoreScrubber scrub;
    private final SnapshotJob snapshots;
    private final JobScheduler jobs;
    private final Access access;
    private final AuditLog audit;

    AdminStorage(
            DataSource database,
            PackStats packStats,
            ScrubStats scrubStats,
            StoreScrubber scrub,
            SnapshotJob snapshots,
            JobScheduler jobs,
            Access access,
            AuditLog audit) {
        this.database = database;
        this.packStats = packStats;
        this.scrubStats = scrubStats;
        this.scrub = scrub;
        this.snapshots = snapshots;
        this.jobs = jobs;
        this.access = access;
        this.audit = audit;
    }

    public StorageReport report() {
        access.requireAdmin();
        try (var connection = database.getConnection();
                var select = connection.prepareStatement(FIGURES)) {
            select.setString(1, JobScheduler.SWEEP);
            try (var row = select.executeQuery()) {
                row.next();
                int failures = row.getInt("failures");
                return new StorageReport(
                        row.getLong("caches"),
                        row.getLong("paths"),
                        row.getLong("bytes"),
                        packStats.query(),
                        row.getLong("database_bytes"),
                        new SweepStatus(
                                AdminJobs.instant(row, "last_success"),
                                AdminJobs.instant(row, "execution_time"),
                                failures,
                                AdminJobs.failureReason(row, failures)),
                        listCollections(connection),
                        scrubStats.query(),
                        listLostPaths(connection),
                        snapshots.stats());
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<CollectionSummary> listCollections(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement(COLLECTIONS);
                var rows = select.executeQuery()) {
            var collections = new ArrayList<CollectionSummary>();
            while (rows.next()) {
                collections.add(new CollectionSummary(
                        rows.getString("cache"),
                        rows.getTimestamp("started_at").toInstant(),
                        AdminJobs.instant(rows, "ended_at"),
                        rows.getBoolean("asked"),
                        rows.getLong("paths"),
                        rows.getLong("bytes"),
                        rows.getLong("releases")));
            }
            return collections;
        }
    }

    private static List<LostPath> listLostPaths(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement(LOST)) {
            select.setInt(1, MAX_LOST_PATHS);
            var lostPaths = new ArrayList<LostPath>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    var path = new StorePath(rows.getString("hash_part"), rows.getString("name"));
                    lostPaths.add(new LostPath(rows.getString("cache"), path.hash(), path.toString()));
                }
            }
            return lostPaths;
        }
    }

    /** Queues a check of everything stored, at the configured rate. */
    public void queueScrub() {
        access.requireAdmin();
        QuarkusTransaction.requiringNew().run(() -> {
            scrub.requestFullVerification();
            jobs.runRecurringNow(JobScheduler.SCRUB);
            audit.recordDone(AuditEvent.ofInstance("check storage", "storage"));
        });
    }

    /** Queues a snapshot of the database. */
    public void queueSnapshot() {
        access.requireAdmin();
        QuarkusTransaction.requiringNew().run(() -> {
            SnapshotJob.queue(jobs);
            audit.recordDone(AuditEvent.ofInstance("take snapshot", "database"));
        });
    }
}
