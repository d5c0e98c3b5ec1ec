package dev.narthex.catalog.download;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads and writes table download_day. */
@ApplicationScoped
public class DownloadRows {
    static final String KIND = "downloads";

    /** Maps downloads to releases: a file to its own release, a NAR to the newest release whose artifact is the whole path. */
    private static final String RELEASES = """
            select r.package_id, r.id as release_id, cast(f.day as text) as day, cast(sum(f.n) as bigint) as n from (
              select g.day, g.n, a.release_id
              from unnest(cast(:fileDays as text[]), cast(:files as bigint[]), cast(:fileCounts as bigint[])) as g (day, id, n)
                join artifact a on a.id = g.id
              union all
              select g.day, g.n, b.release_id
              from unnest(cast(:narDays as text[]), cast(:caches as bigint[]), cast(:nars as bigint[]), cast(:narCounts as bigint[]))
                  as g (day, cache_id, nar_id, n)
                cross join lateral (select a.release_id from path p
                    join artifact a on a.path_id = p.id and a.origin = 'path' and a.state = 'released'
                  where p.cache_id = g.cache_id and p.nar_id = g.nar_id order by a.id desc limit 1) b) f
              join release r on r.id = f.release_id
            group by r.package_id, r.id, f.day""";

    private static final String TOUCH = """
            update path set last_access = current_date where id = any(array(
              select p.id from path p where p.last_access < current_date and p.id = any(array(
                select a.path_id from artifact a where a.id = any(cast(:files as bigint[]))
                union all
                select x.id from unnest(cast(:caches as bigint[]), cast(:nars as bigint[])) g (cache_id, nar_id)
                  join path x on x.cache_id = g.cache_id and x.nar_id = g.nar_id))
              order by p.id for no key update))""";

    /** Locks rows in the same order everywhere, so that replicas cannot deadlock. */
    private static final String ADD = """
            with there as (select r.id from release r where r.id = any(cast(:releases as bigint[])) order by r.id for key share)
            insert into download_day as d (release_id, day, n)
            select g.id, cast(g.day as date), g.n
            from unnest(cast(:releases as bigint[]), cast(:days as text[]), cast(:counts as bigint[])) as g (id, day, n)
              join there on there.id = g.id
            order by g.id, g.day
            on conflict (release_id, day) do update set n = d.n + excluded.n""";

    private static final String MONTHS =
            "select p.id, p.cache_id, %s as n from package p where p.id = any(cast(:ids as bigint[]))"
                    .formatted(lastMonthSubquery("p"));

    private final Database sql;
    private final ChangeLog changes;

    DownloadRows(Database sql, ChangeLog changes) {
        this.sql = sql;
        this.changes = changes;
    }

    /**
     * Returns a subquery with the downloads of a package in the last 30 days. {@code offset 0}: without statistics, the planner
     * would read the downloads of all packages.
     *
     * @param p alias of the package
     */
    public static String lastMonthSubquery(String p) {
        return """
                (select cast(coalesce(sum(v.n), 0) as bigint) from release w cross join lateral (
                  select n from download_day where release_id = w.id
                    and day > cast(now() at time zone 'utc' as date) - %d offset 0) v where w.package_id = %s.id)""".formatted(DownloadStats.MONTH, p);
    }

    private record DailyDownloads(long packageId, long releaseId, String day, long n) {}

    /** Adds downloads to the counts of releases that still exist, and reports packages that search should update. */
    @Transactional(TxType.MANDATORY)
    void add(Map<DownloadEvent, Long> counts) {
        markAccessed(counts);
        var added = releases(counts);
        if (added.isEmpty()) {
            return;
        }
        sql.statement(ADD)
                .bind("releases", added.stream().map(DailyDownloads::releaseId).toArray(Long[]::new))
                .bind("days", added.stream().map(DailyDownloads::day).toArray(String[]::new))
                .bind("counts", added.stream().map(DailyDownloads::n).toArray(Long[]::new))
                .update();
        record(added.stream()
                .collect(Collectors.groupingBy(DailyDownloads::packageId, Collectors.summingLong(DailyDownloads::n))));
    }

    /** Marks downloaded paths as used today, so that retention keeps them. Writes at most once per day and path. */
    private void markAccessed(Map<DownloadEvent, Long> counts) {
        var files = new ArrayList<Long>();
        var caches = new ArrayList<Long>();
        var nars = new ArrayList<Long>();
        for (var event : counts.keySet()) {
            switch (event) {
                case DownloadEvent.File file -> files.add(file.artifactId());
                case DownloadEvent.Nar nar -> {
                    caches.add(nar.cacheId());
                    nars.add(nar.narId());
                }
            }
        }
        sql.statement(TOUCH)
                .bind("files", files.toArray(Long[]::new))
                .bind("caches", caches.toArray(Long[]::new))
                .bind("nars", nars.toArray(Long[]::new))
                .update();
    }

    private List<DailyDownloads> releases(Map<DownloadEvent, Long> counts) {
        var files = counts.keySet().stream()
                .filter(DownloadEvent.File.class::isInstance)
                .map(DownloadEvent.File.class::cast)
                .toList();
        var nars = counts.keySet().stream()
                .filter(DownloadEvent.Nar.class::isInstance)
                .map(DownloadEvent.Nar.class::cast)
                .toList();
        return sql.statement(RELEASES)
                .bind("fileDays", days(files))
                .bind(
                        "files",
                        files.stream().map(DownloadEvent.File::artifactId).toArray(Long[]::new))
                .bind("fileCounts", files.stream().map(counts::get).toArray(Long[]::new))
                .bind("narDays", days(nars))
                .bind("caches", nars.stream().map(DownloadEvent.Nar::cacheId).toArray(Long[]::new))
                .bind("nars", nars.stream().map(DownloadEvent.Nar::narId).toArray(Long[]::new))
                .bind("narCounts", nars.stream().map(counts::get).toArray(Long[]::new))
                .list(row -> new DailyDownloads(
                        row.longValue("package_id"),
                        row.longValue("release_id"),
                        row.string("day"),
                        row.longValue("n")));
    }

    private static String[] days(Collection<? extends DownloadEvent> events) {
        return events.stream().map(event -> event.day().toString()).toArray(String[]::new);
    }

    /**
     * Reports a package to the change log when its downloads have doubled, which changes its popularity by at most 1. Smaller
     * changes are reported at night.
     */
    private void record(Map<Long, Long> byPackage) {
        for (var row : sql.statement(MONTHS)
                .bind("ids", byPackage.keySet().toArray(Long[]::new))
                .list()) {
            long now = row.longValue("n");
            long before = Math.max(0, now - byPackage.getOrDefault(row.longValue("id"), 0L));
            if (log2(before) != log2(now)) {
                changes.append(
                        row.longValue("cache_id"),
                        KIND,
                        Optional.of(row.longValue("id")),
                        Optional.empty(),
                        Optional.empty());
            }
        }
    }

    private static int log2(long n) {
        return Long.SIZE - Long.numberOfLeadingZeros(n + 1);
    }
}
