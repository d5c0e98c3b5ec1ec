package dev.narthex.catalog.release;

import dev.narthex.catalog.Page;
import dev.narthex.catalog.RefreshingCache;
import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Finds packages that depend on a name, whether or not the cache has a package of that name. Only default releases count:
 * dependencies of older releases no longer affect installations.
 */
@ApplicationScoped
class DependentsQuery {
    private static final int PAGE_SIZE = 50;
    private static final int READ = 100;

    private static final String DECLARING = dependentsSql(":cache", ":ecosystem", ":normalized");
    private static final String COUNTS = """
            select w.cache_id, w.ecosystem, w.normalized, (select count(distinct p.id) %s) as n
            from unnest(cast(:caches as bigint[]), cast(:ecosystems as text[]), cast(:names as text[]))
              as w (cache_id, ecosystem, normalized)""".formatted(dependentsSql("w.cache_id", "w.ecosystem", "w.normalized"));

    /**
     * Counts from this number on are cached: counting takes longer than the rest of the page, and a small difference does not
     * matter.
     */
    private static final long MANY = 100;

    private static final Duration MANY_KEPT = Duration.ofMinutes(1);
    private static final int MAX_CACHED = 10_000;

    private final Database sql;
    private final RefreshingCache<DependencyName, Long> many = new RefreshingCache<>(MAX_CACHED);

    DependentsQuery(Database sql) {
        this.sql = sql;
    }

    record DependencyName(long cacheId, String ecosystem, String normalized) {}

    /** {@code offset 0} prevents the planner from reading all packages of the cache for a name with few dependents. */
    private static String dependentsSql(String cache, String ecosystem, String normalized) {
        return """
            from dependency d cross join lateral (select x.id, x.name, x.normalized from package x
              where x.default_release = d.release_id offset 0) p
            where d.cache_id = %s and d.ecosystem = %s and d.normalized = %s
            """.formatted(cache, ecosystem, normalized);
    }

    long count(long cacheId, String ecosystem, String normalized) {
        var name = new DependencyName(cacheId, ecosystem, normalized);
        return counts(List.of(name)).getOrDefault(name, 0L);
    }

    /** Counts the dependents of several names. Large counts may be a minute old. */
    Map<DependencyName, Long> counts(Collection<DependencyName> names) {
        var counts = new HashMap<DependencyName, Long>();
        var unknown = new ArrayList<DependencyName>();
        for (var name : names) {
            many.get(name).ifPresentOrElse(n -> counts.put(name, n), () -> unknown.add(name));
        }
        if (!unknown.isEmpty()) {
            counts.putAll(countByName(unknown));
        }
        return counts;
    }

    private Map<DependencyName, Long> countByName(List<DependencyName> names) {
        var counts = sql
                .statement(COUNTS)
                .bind("caches", names.stream().map(DependencyName::cacheId).toArray(Long[]::new))
                .bind(
                        "ecosystems",
                        names.stream().map(DependencyName::ecosystem).toArray(String[]::new))
                .bind("names", names.stream().map(DependencyName::normalized).toArray(String[]::new))
                .listWithGenericPlan()
                .stream()
                .collect(Collectors.toMap(
                        row -> new DependencyName(
                                row.longValue("cache_id"), row.string("ecosystem"), row.string("normalized")),
                        row -> row.longValue("n"),
                        (same, _) -> same));
        counts.entrySet().stream()
                .filter(count -> count.getValue() >= MANY)
                .forEach(count -> many.put(count.getKey(), count.getValue(), MANY_KEPT));
        return counts;
    }

    /** Returns a page of dependents, ordered by name. */
    Page<Dependent> page(long cacheId, String ecosystem, String normalized, int page) {
        var parameters = new HashMap<>(key(cacheId, ecosystem, normalized));
        parameters.put("limit", PAGE_SIZE);
        parameters.put("offset", Page.offset(page, PAGE_SIZE));
        var rows = sql.statement("""
                select f.*, r.version from (
                  select g.*, count(*) over () as total from (
                    select distinct on (p.id) p.name, p.normalized, d.release_id, d.range, d.kind %s order by p.id, d.ord) g
                  order by g.normalized collate "C" limit :limit offset :offset) f
                join release r on r.id = f.release_id order by f.normalized collate "C\"""".formatted(DECLARING)).bindAll(parameters).listWithGenericPlan();
        return Page.of(rows, page, PAGE_SIZE, Dependent::of);
    }

    /**
     * Returns the names of some dependents as examples. Reads at most {@value #READ}, so the names are not necessarily the first.
     */
    List<String> sample(long cacheId, String ecosystem, String normalized, int limit) {
        var parameters = new HashMap<>(key(cacheId, ecosystem, normalized));
        parameters.put("limit", limit);
        parameters.put("read", READ);
        return sql.statement("select f.name from (select p.name " + DECLARING
                        + " limit :read) f group by f.name order by f.name limit :limit")
                .bindAll(parameters)
                .list(row -> row.string("name"));
    }

    private static Map<String, Object> key(long cacheId, String ecosystem, String normalized) {
        return Map.of("cache", cacheId, "ecosystem", ecosystem, "normalized", normalized);
    }
}
