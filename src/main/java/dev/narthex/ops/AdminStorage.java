package dev.narthex.ops;

import dev.narthex.access.Access;
import dev.narthex.access.Audit;
import dev.narthex.access.Audit.Act;
import dev.narthex.nix.StorePath;
import dev.narthex.ops.Storage.Collected;
import dev.narthex.ops.Storage.LostPath;
import dev.narthex.ops.Storage.Sweeping;
import dev.narthex.store.PackFigures;
import dev.narthex.store.Scrub;
import dev.narthex.store.ScrubFigures;
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

    private static final int SHOWN = 50;
    private static final String LOST = """
            select c.name as cache, p.hash_part, p.name from nar n
              join path p on p.nar_id = n.id join cache c on c.id = p.cache_id
            where n.state = 'B' and c.removed_at is null order by n.id desc, p.id limit ?""";

    private static final String COLLECTED = """
            select c.name as cache, r.started_at, r.ended_at, r.by is not null as asked, r.paths, r.bytes, r.releases
            from collection r join cache c on c.id = r.cache_id
            where not r.dry and c.removed_at is null order by r.id desc limit 10""";

    private final DataSource database;
    private final PackFigures packs;
    private final ScrubFigures checks;
    private final Scrub scrub;
    private final Snapshots snapshots;
    private final DbJobs jobs;
    private final Access access;
    private final Audit audit;

    AdminStorage(
            DataSource database,
            PackFigures packs,
            ScrubFigures checks,
            Scrub scrub,
            Snapshots snapshots,
            DbJobs jobs,
            Access access,
            Audit audit) {
        this.database = database;
        this.packs = packs;
        this.checks = checks;
        this.scrub = scrub;
        this.snapshots = snapshots;
        this.jobs = jobs;
        this.access = access;
        this.audit = audit;
    }

    public Storage now() {
        access.requireAdmin();
        try (var connection = database.getConnection();
                var select = connection.prepareStatement(FIGURES)) {
            select.setString(1, DbJobs.SWEEP);
            try (var row = select.executeQuery()) {
                row.next();
                int failures = row.getInt("failures");
                return new Storage(
                        row.getLong("caches"),
                        row.getLong("paths"),
                        row.getLong("bytes"),
                        packs.now(),
                        row.getLong("database_bytes"),
                        new Sweeping(
                                AdminJobs.time(row, "last_success"),
                                AdminJobs.time(row, "execution_time"),
                                failures,
                                AdminJobs.reason(row, failures)),
                        collected(connection),
                        checks.now(),
                        lost(connection),
                        snapshots.now());
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Collected> collected(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement(COLLECTED);
                var rows = select.executeQuery()) {
            var found = new ArrayList<Collected>();
            while (rows.next()) {
                found.add(new Collected(
                        rows.getString("cache"),
                        rows.getTimestamp("started_at").toInstant(),
                        AdminJobs.time(rows, "ended_at"),
                        rows.getBoolean("asked"),
                        rows.getLong("paths"),
                        rows.getLong("bytes"),
                        rows.getLong("releases")));
            }
            return found;
        }
    }

    private static List<LostPath> lost(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement(LOST)) {
            select.setInt(1, SHOWN);
            var found = new ArrayList<LostPath>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    var path = new StorePath(rows.getString("hash_part"), rows.getString("name"));
                    found.add(new LostPath(rows.getString("cache"), path.hash(), path.toString()));
                }
            }
            return found;
        }
    }

    /** Queues a check of everything stored, at the configured rate. */
    public void check() {
        access.requireAdmin();
        QuarkusTransaction.requiringNew().run(() -> {
            scrub.want();
            jobs.nudge(DbJobs.SCRUB);
            audit.done(Act.ofInstance("check storage", "storage"));
        });
    }

    /** Queues a snapshot of the database. */
    public void snapshot() {
        access.requireAdmin();
        QuarkusTransaction.requiringNew().run(() -> {
            Snapshots.queue(jobs);
            audit.done(Act.ofInstance("take snapshot", "database"));
        });
    }
}
