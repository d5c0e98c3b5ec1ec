package dev.narthex.catalog.cache;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads statistics of several caches with one query. */
@ApplicationScoped
public class CacheStatsQuery {
    private final Database sql;

    CacheStatsQuery(Database sql) {
        this.sql = sql;
    }

    /** Returns statistics by cache id; unknown ids are skipped. */
    public Map<Long, CacheStats> of(Collection<Long> caches) {
        return sql.statement("""
                        select u.cache_id, u.paths, u.bytes, c.quota_bytes,
                          (select x.pushed_at from path x where x.cache_id = u.cache_id
                            order by x.pushed_at desc, x.id desc limit 1) as pushed_at,
                          (select count(*) from package p where p.cache_id = u.cache_id
                            and p.default_release is not null) as packages
                        from cache_usage u join cache c on c.id = u.cache_id
                        where u.cache_id = any(cast(:caches as bigint[]))""").bind("caches", caches.toArray(Long[]::new)).list().stream()
                .map(CacheStatsQuery::overview)
                .collect(Collectors.toMap(CacheStats::id, Function.identity()));
    }

    /** Totals over several caches: packages with a released version in all ecosystems, and store paths. */
    public record CacheTotals(long packages, long paths) {}

    public CacheTotals totals(Collection<Long> caches) {
        return sql.statement("""
                        select (select coalesce(sum(u.paths), 0) from cache_usage u
                            where u.cache_id = any(cast(:caches as bigint[]))) as paths,
                          (select count(*) from package p where p.cache_id = any(cast(:caches as bigint[]))
                            and p.default_release is not null) as packages""")
                .bind("caches", caches.toArray(Long[]::new))
                .first()
                .map(row -> new CacheTotals(row.longValue("packages"), row.longValue("paths")))
                .orElseThrow();
    }

    private static CacheStats overview(Row row) {
        return new CacheStats(
                row.longValue("cache_id"),
                row.longValue("packages"),
                row.longValue("paths"),
                row.longValue("bytes"),
                row.optionalLong("quota_bytes"),
                row.optionalInstant("pushed_at"));
    }

    /**
     * A deleted cache that can be undeleted.
     *
     * @param until end of the undelete period
     */
    public record RestorableCache(String name, Instant until) {}

    /** Returns those of the caches that are deleted and can be undeleted, by name. */
    public List<RestorableCache> listRestorable(Collection<Long> caches) {
        return sql.statement("""
                        select name, deleted_at from cache where id = any(cast(:caches as bigint[]))
                          and deleted_at is not null and removing_at is null order by name""").bind("caches", caches.toArray(Long[]::new)).list().stream()
                .map(row -> new RestorableCache(
                        row.string("name"), row.instant("deleted_at").plus(CacheDeletion.GRACE)))
                .filter(cache -> cache.until().isAfter(Instant.now()))
                .toList();
    }
}
