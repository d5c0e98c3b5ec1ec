package dev.narthex.admin;

import dev.narthex.access.Access;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.admin.JobListing.QueuedJob;
import dev.narthex.ops.jobs.JobFailure;
import dev.narthex.ops.jobs.JobScheduler;
import dev.narthex.problem.Problem;
import dev.narthex.search.PackageSearchIndex;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Shows and changes the job queue for instance admins. Each change checks the right, and is one transaction with its audit entry.
 */
@ApplicationScoped
public class AdminJobs {
    private static final int PAGE_SIZE = 50;
    private static final String JOBS = """
            select task_name, task_instance, execution_time, picked, last_heartbeat, last_failure, last_success,
              coalesce(consecutive_failures, 0) as failures, task_data from scheduled_tasks
            order by picked desc, coalesce(consecutive_failures, 0) > 0 desc, execution_time, task_name, task_instance
            offset ? limit ?""";
    private static final String COUNTS = """
            select count(*) filter (where picked) as running,
              count(*) filter (where not picked and coalesce(consecutive_failures, 0) > 0) as failed,
              count(*) filter (where not picked and coalesce(consecutive_failures, 0) = 0) as waiting
            from scheduled_tasks""";

    private final DataSource database;
    private final JobScheduler jobs;
    private final Access access;
    private final AuditLog audit;
    private final PackageSearchIndex index;

    AdminJobs(DataSource database, JobScheduler jobs, Access access, AuditLog audit, PackageSearchIndex index) {
        this.database = database;
        this.jobs = jobs;
        this.access = access;
        this.audit = audit;
        this.index = index;
    }

    /** @param offset number of jobs to skip */
    public JobListing list(int offset) {
        access.requireAdmin();
        try (var connection = database.getConnection();
                var counts = connection.prepareStatement(COUNTS);
                var list = connection.prepareStatement(JOBS)) {
            list.setInt(1, offset);
            list.setInt(2, PAGE_SIZE + 1);
            try (var totals = counts.executeQuery();
                    var rows = list.executeQuery()) {
                totals.next();
                var queuedJobs = new ArrayList<QueuedJob>();
                while (rows.next()) {
                    queuedJobs.add(toJob(rows));
                }
                return new JobListing(
                        totals.getLong("waiting"),
                        totals.getLong("running"),
                        totals.getLong("failed"),
                        List.copyOf(queuedJobs.subList(0, Math.min(PAGE_SIZE, queuedJobs.size()))),
                        queuedJobs.size() > PAGE_SIZE ? Optional.of(offset + PAGE_SIZE) : Optional.empty());
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static QueuedJob toJob(ResultSet row) throws SQLException {
        boolean running = row.getBoolean("picked");
        int failures = row.getInt("failures");
        return new QueuedJob(
                row.getString("task_name"),
                row.getString("task_instance"),
                running ? "running" : failures > 0 ? "failed" : "waiting",
                row.getTimestamp("execution_time").toInstant(),
                instant(row, "last_heartbeat").filter(heartbeat -> running),
                failures,
                instant(row, "last_failure").filter(failedAt -> failures > 0),
                failureReason(row, failures),
                instant(row, "last_success"));
    }

    /** Returns why a job failed last; empty once it has succeeded. */
    static Optional<String> failureReason(ResultSet row, int failures) throws SQLException {
        return Optional.ofNullable(row.getBytes("task_data"))
                .filter(bytes -> failures > 0)
                .map(JobFailure::decode);
    }

    static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getTimestamp(column)).map(Timestamp::toInstant);
    }

    /** Runs a job as soon as a thread is free, instead of waiting for its next attempt. */
    public void retry(String kind, String key) {
        access.requireAdmin();
        QuarkusTransaction.requiringNew().run(() -> {
            jobs.runNow(kind, key);
            audit.recordDone(AuditEvent.ofInstance("retry job", kind + " " + key));
        });
    }

    /** Removes a job from the queue. Recurring jobs cannot be removed. */
    public void remove(String kind, String key) {
        access.requireAdmin();
        if (key.equals(QueuedJob.RECURRING)) {
            throw Problem.conflict("Regular job", "The job " + kind + " is recurring and cannot be removed.");
        }
        QuarkusTransaction.requiringNew().run(() -> {
            jobs.cancel(kind, key);
            audit.recordDone(AuditEvent.ofInstance("remove job", kind + " " + key));
        });
    }

    /** Rebuilds the search index of this process in the background; searches use the old index until then. */
    public void rebuildIndex() {
        access.requireAdmin();
        QuarkusTransaction.requiringNew().run(() -> audit.recordDone(AuditEvent.ofInstance("rebuild index", "search")));
        index.rebuild();
    }

    /** Returns the state of this process's search index. */
    public PackageSearchIndex.State indexState() {
        return index.state();
    }
}
