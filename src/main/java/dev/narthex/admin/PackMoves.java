package dev.narthex.admin;

import dev.narthex.access.Access;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.ops.jobs.PackMoveJob;
import dev.narthex.problem.Problem;
import dev.narthex.spi.JobQueue;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.upkeep.PackMover;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

/** Starts moves of packs to the backend for new packs, and reports their progress; for instance admins. */
@ApplicationScoped
public class PackMoves {
    private static final String JOB = """
            select coalesce(consecutive_failures, 0) as failures, task_data from scheduled_tasks
            where task_name = ? and task_instance = ?
              or task_name = 'again' and split_part(task_instance, ' ', 2) = ? and split_part(task_instance, ' ', 3) = ?
            order by failures limit 1""";

    private final DataSource database;
    private final ConfiguredBackends backends;
    private final PackMover packMover;
    private final JobQueue jobs;
    private final Access access;
    private final AuditLog audit;

    PackMoves(
            DataSource database,
            ConfiguredBackends backends,
            PackMover packMover,
            JobQueue jobs,
            Access access,
            AuditLog audit) {
        this.database = database;
        this.backends = backends;
        this.packMover = packMover;
        this.jobs = jobs;
        this.access = access;
        this.audit = audit;
    }

    /**
     * Starts or continues a move.
     *
     * @param target name of the backend to move packs to
     */
    public PackMoveStatus start(String target) {
        access.requireAdmin();
        if (!target.equals("directory") && !target.equals("s3")) {
            throw Problem.malformed("to", target, "packs can be moved to directory or to s3.");
        }
        if (!backends.writeTargetName().equals(target)) {
            throw Problem.conflict(
                    "Another place",
                    "This server puts new packs into " + backends.writeTargetName()
                            + ". Start it with NARTHEX_STORE="
                            + target
                            + (target.equals("s3") ? " and narthex.s3.bucket" : "")
                            + " first, so that nothing new is left behind.");
        }
        QuarkusTransaction.requiringNew().run(() -> {
            jobs.queue(PackMoveJob.KIND, target);
            audit.recordDone(AuditEvent.ofInstance("move store", target));
        });
        return status();
    }

    public PackMoveStatus status() {
        access.requireAdmin();
        var remaining = packMover.remaining();
        var target = backends.writeTargetName();
        try (var connection = database.getConnection();
                var select = connection.prepareStatement(JOB)) {
            select.setString(1, PackMoveJob.KIND);
            select.setString(2, target);
            select.setString(3, PackMoveJob.KIND);
            select.setString(4, target);
            try (var row = select.executeQuery()) {
                boolean queued = row.next();
                int failures = queued ? row.getInt("failures") : 0;
                var state = failures > 0 ? "failed" : queued ? "moving" : remaining.packs() == 0 ? "done" : "idle";
                return new PackMoveStatus(
                        target,
                        state,
                        remaining.packs(),
                        remaining.bytes(),
                        queued ? AdminJobs.failureReason(row, failures) : Optional.empty());
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
