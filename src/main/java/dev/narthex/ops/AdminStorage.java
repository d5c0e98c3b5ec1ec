package dev.narthex.ops;

import dev.narthex.access.Access;
import dev.narthex.ops.Storage.Sweeping;
import dev.narthex.store.PackFigures;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import javax.sql.DataSource;

/** What the whole instance keeps, for its admins: two statements, however much it is. */
@ApplicationScoped
public class AdminStorage {
    private static final String FIGURES = """
            select pg_database_size(current_database()) as database_bytes, u.caches, u.paths, u.bytes,
              s.last_success, s.execution_time, s.failures, s.task_data
            from (select count(*) as caches, coalesce(sum(paths), 0) as paths, coalesce(sum(bytes), 0) as bytes
                from cache_usage x join cache c on c.id = x.cache_id where c.removed_at is null) u
              left join (select last_success, execution_time, coalesce(consecutive_failures, 0) as failures, task_data
                from scheduled_tasks where task_name = ?) s on true""";

    private final DataSource database;
    private final PackFigures packs;
    private final Access access;

    AdminStorage(DataSource database, PackFigures packs, Access access) {
        this.database = database;
        this.packs = packs;
        this.access = access;
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
                                AdminJobs.reason(row, failures)));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
