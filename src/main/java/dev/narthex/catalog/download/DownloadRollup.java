package dev.narthex.catalog.download;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.db.Database;
import dev.narthex.spi.Nightly;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * Nightly job that reports packages whose 30-day download count changed to the change log, so that search updates them, and
 * deletes counts older than any page shows.
 */
@ApplicationScoped
public class DownloadRollup implements Nightly {
    private static final int KEPT = 400;
    private static final int BATCH = 500;
    private static final int DELETED = 10_000;

    private final Database sql;
    private final ChangeLog changes;

    DownloadRollup(Database sql, ChangeLog changes) {
        this.sql = sql;
        this.changes = changes;
    }

    @Override
    public String kind() {
        return DownloadRows.KIND;
    }

    @Override
    public void run() {
        var last = Optional.of(0L);
        while (last.isPresent()) {
            long after = last.get();
            last = QuarkusTransaction.requiringNew().call(() -> note(after));
        }
        while (QuarkusTransaction.requiringNew().call(this::deleteOld) == DELETED) {}
    }

    private Optional<Long> note(long after) {
        var rows = sql.statement("""
                select distinct p.id, p.cache_id from download_day d join release x on x.id = d.release_id
                  join package p on p.id = x.package_id
                where d.day in (cast(:yesterday as date), cast(:gone as date)) and p.id > :after order by p.id limit :limit""")
                .bind("yesterday", DownloadStats.since(1).toString())
                .bind("gone", DownloadStats.since(DownloadStats.MONTH).toString())
                .bind("after", after)
                .bind("limit", BATCH)
                .list();
        rows.forEach(row -> changes.append(
                row.longValue("cache_id"),
                DownloadRows.KIND,
                Optional.of(row.longValue("id")),
                Optional.empty(),
                Optional.empty()));
        return rows.isEmpty() ? Optional.empty() : Optional.of(rows.getLast().longValue("id"));
    }

    private int deleteOld() {
        return sql.statement("""
                delete from download_day where (release_id, day) in (
                  select release_id, day from download_day where day < cast(:oldest as date) limit :limit)""")
                .bind("oldest", DownloadStats.since(KEPT).toString())
                .bind("limit", DELETED)
                .update();
    }
}
