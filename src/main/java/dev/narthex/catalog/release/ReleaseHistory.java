package dev.narthex.catalog.release;

import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads when releases were published and deleted, for feeds and sitemaps. */
@ApplicationScoped
public class ReleaseHistory {
    private final Database sql;

    ReleaseHistory(Database sql) {
        this.sql = sql;
    }

    /** A package with the publication date of its default release. */
    public record DatedPackage(String normalized, Instant at) {}

    /**
     * A position in the list of packages.
     *
     * @param normalized name of the package before the position; empty for the beginning
     */
    public record ListPosition(String ecosystem, String normalized) {}

    /** @param reason empty if none was given */
    public record RemovedRelease(Instant at, String reason) {}

    /**
     * Returns the newest releases of a cache. They are selected before their facts, which are large, are read.
     *
     * @param ecosystem empty for all
     * @param normalized a package of the ecosystem; empty for all
     */
    public List<ReleaseDate> newest(long cacheId, String ecosystem, String normalized, int limit) {
        var parameters = new HashMap<String, Object>(Map.of("cache", cacheId, "limit", limit));
        var narrowed = optionalCondition("ecosystem", ecosystem, parameters)
                + optionalCondition("normalized", normalized, parameters);
        return sql.statement("""
                        select p.ecosystem, p.name, p.normalized, r.version, r.published_at, r.published_by,
                          coalesce(r.facts ->> 'summary', '') as summary
                        from (select x.id from package p join release x on x.package_id = p.id and x.state = 'released'
                            where p.cache_id = :cache%s order by x.published_at desc, x.id desc limit :limit) n
                          join release r on r.id = n.id join package p on p.id = r.package_id
                        order by r.published_at desc, r.id desc""".formatted(narrowed)).bindAll(parameters).list(ReleaseDate::of);
    }

    /** Adds a condition only if needed, because a query with optional conditions would read all packages of the cache. */
    private static String optionalCondition(String column, String value, Map<String, Object> parameters) {
        if (value.isEmpty()) {
            return "";
        }
        parameters.put(column, value);
        return " and p." + column + " = :" + column;
    }

    /** Lists packages that have a released version, in byte order of the normalized name, starting after {@code after}. */
    public List<DatedPackage> packages(long cacheId, String ecosystem, String after, int limit) {
        return sql.statement("""
                        select p.normalized, r.published_at from package p join release r on r.id = p.default_release
                        where p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized collate "C" > :after
                          and p.default_release is not null
                        order by p.normalized collate "C" limit :limit""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("after", after)
                .bind("limit", limit)
                .list(row -> new DatedPackage(row.string("normalized"), row.instant("published_at")));
    }

    /**
     * Divides the packages of each cache into parts of this size. Returns their start positions by cache id, for
     * {@link #packages}. Reads the index, which has this order.
     */
    public Map<Long, List<ListPosition>> partition(Collection<Long> cacheIds, int size) {
        var parts = new LinkedHashMap<Long, List<ListPosition>>();
        for (var row : sql.statement("""
                select m.cache_id, m.ecosystem, m.before from (
                  select p.cache_id, p.ecosystem, coalesce(lag(p.normalized) over w, '') as before, row_number() over w as n
                  from package p where p.cache_id = any(cast(:caches as bigint[])) and p.default_release is not null
                  window w as (partition by p.cache_id, p.ecosystem order by p.normalized collate "C")) m
                where (m.n - 1) % :size = 0 order by m.cache_id, m.ecosystem, m.n""")
                .bind("caches", cacheIds.toArray(Long[]::new))
                .bind("size", size)
                .list()) {
            parts.computeIfAbsent(row.longValue("cache_id"), _ -> new ArrayList<>())
                    .add(new ListPosition(row.string("ecosystem"), row.string("before")));
        }
        return parts;
    }

    /** Finds the deletion of a release; empty if it was not deleted, or was published again. */
    public Optional<RemovedRelease> findRemoved(long cacheId, String ecosystem, String normalized, String version) {
        return sql.statement("""
                        select at, reason from tombstone where cache_id = :cache and ecosystem = :ecosystem
                          and normalized = :normalized and version = :version and filename = ''""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("normalized", normalized)
                .bind("version", version)
                .first()
                .map(row -> new RemovedRelease(row.instant("at"), row.string("reason")));
    }
}
