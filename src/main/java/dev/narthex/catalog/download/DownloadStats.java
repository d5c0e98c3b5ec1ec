package dev.narthex.catalog.download;

import dev.narthex.catalog.release.Packages;
import dev.narthex.db.Database;
import dev.narthex.spi.DownloadCount;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Reads download counts. Days are in UTC; the last one is today. */
@ApplicationScoped
public class DownloadStats {
    static final int MONTH = 30;
    private static final int WEEK = 7;

    private final Database sql;

    DownloadStats(Database sql) {
        this.sql = sql;
    }

    static LocalDate since(int days) {
        return DownloadCounter.today().minusDays(days);
    }

    /**
     * Returns the downloads of a package and of one of its releases. The package id must come from {@link Packages#find}, which
     * checks the cache.
     */
    public DownloadSeries of(long packageId, long releaseId) {
        var days = new long[DownloadSeries.DAYS];
        long release = 0;
        var first = since(DownloadSeries.DAYS - 1);
        for (var row : sql.statement("""
                select d.day - cast(:first as date) as at, d.day > cast(:month as date) as recent,
                  cast(sum(d.n) as bigint) as n, cast(coalesce(sum(d.n) filter (where x.id = :release), 0) as bigint) as release_n
                from release x join download_day d on d.release_id = x.id and d.day >= cast(:first as date)
                where x.package_id = :package group by d.day""")
                .bind("first", first.toString())
                .bind("month", since(MONTH).toString())
                .bind("package", packageId)
                .bind("release", releaseId)
                .list()) {
            int at = (int) row.longValue("at");
            if (at < days.length) {
                days[at] = row.longValue("n");
            }
            release += row.bool("recent") ? row.longValue("release_n") : 0;
        }
        return DownloadSeries.of(days, release);
    }

    /** Returns recent downloads by normalized name; packages without downloads in the last 30 days are absent. */
    public Map<String, DownloadCount> recent(long cacheId, String ecosystem, Collection<String> normalized) {
        var counts = new HashMap<String, DownloadCount>();
        for (var row : sql.statement("""
                select p.normalized, cast(sum(d.n) as bigint) as month,
                  cast(coalesce(sum(d.n) filter (where d.day > cast(:week as date)), 0) as bigint) as week
                from package p join release x on x.package_id = p.id
                  join download_day d on d.release_id = x.id and d.day > cast(:month as date)
                where p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized = any(cast(:names as text[]))
                group by p.id""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("names", normalized.stream().distinct().toArray(String[]::new))
                .bind("week", since(WEEK).toString())
                .bind("month", since(MONTH).toString())
                .list()) {
            counts.put(row.string("normalized"), new DownloadCount(row.longValue("week"), row.longValue("month")));
        }
        return counts;
    }
}
