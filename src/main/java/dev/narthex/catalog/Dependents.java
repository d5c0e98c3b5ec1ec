package dev.narthex.catalog;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;

/** Packages that declare another one of their cache, whether or not the cache has that. */
@ApplicationScoped
class Dependents {
    private static final int PAGE_SIZE = 50;

    private static final String DECLARING = """
            from dependency d join release r on r.id = d.release_id and r.state = 'released'
              join package p on p.id = r.package_id and p.cache_id = d.cache_id
            where d.cache_id = :cache and d.ecosystem = :ecosystem and d.normalised = :normalised
            """;

    private final Sql sql;

    Dependents(Sql sql) {
        this.sql = sql;
    }

    long count(long cacheId, String ecosystem, String normalised) {
        return sql.rows("select count(distinct r.package_id) as n " + DECLARING, key(cacheId, ecosystem, normalised))
                .getFirst()
                .number("n");
    }

    /** By name. */
    Page<Dependent> page(long cacheId, String ecosystem, String normalised, int page) {
        var parameters = new HashMap<>(key(cacheId, ecosystem, normalised));
        parameters.put("limit", PAGE_SIZE);
        parameters.put("offset", Page.offset(page, PAGE_SIZE));
        var rows = sql.rows("""
                select f.*, count(*) over () as total from (
                  select distinct on (p.id) p.name, p.normalised, r.version, d.range, d.kind %s
                  order by p.id, r.version_key desc, d.ord) f
                order by f.normalised collate "C" limit :limit offset :offset""".formatted(DECLARING), parameters);
        return Page.of(rows, page, PAGE_SIZE, Dependent::of);
    }

    private static Map<String, Object> key(long cacheId, String ecosystem, String normalised) {
        return Map.of("cache", cacheId, "ecosystem", ecosystem, "normalised", normalised);
    }
}
