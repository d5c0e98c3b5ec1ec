package dev.narthex.catalog;

import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Packages whose default release declares another one of their cache, whether or not the cache has that. What only older
 * releases asked for, nobody who installs the package gets any more.
 */
@ApplicationScoped
class Dependents {
    private static final int PAGE_SIZE = 50;
    private static final int READ = 100;

    private static final String DECLARING = declaring(":cache", ":ecosystem", ":normalised");
    private static final String COUNT = count(":cache", ":ecosystem", ":normalised");

    /** What half of all packages depend on takes longer to count than the rest of its page. */
    private static final Duration QUICK = Duration.ofMillis(50);

    private final Sql sql;
    private final Slowly<Name, Long> counts = new Slowly<>(QUICK, this::counted);

    Dependents(Sql sql) {
        this.sql = sql;
    }

    private record Name(long cacheId, String ecosystem, String normalised) {}

    /** {@code offset 0}: of a name that few declare, the planner would rather read all packages of the cache. */
    private static String declaring(String cache, String ecosystem, String normalised) {
        return """
            from dependency d cross join lateral (select x.id, x.name, x.normalised from package x
              where x.default_release = d.release_id and x.cache_id = d.cache_id offset 0) p
            where d.cache_id = %s and d.ecosystem = %s and d.normalised = %s
            """.formatted(cache, ecosystem, normalised);
    }

    /** A query of how many there are, of a name that these expressions give. */
    static String count(String cache, String ecosystem, String normalised) {
        return "select count(distinct p.id) as n " + declaring(cache, ecosystem, normalised);
    }

    long count(long cacheId, String ecosystem, String normalised) {
        return counts.answer(new Name(cacheId, ecosystem, normalised));
    }

    private long counted(Name of) {
        return sql.rowsByOnePlan(COUNT, key(of.cacheId(), of.ecosystem(), of.normalised()))
                .getFirst()
                .number("n");
    }

    /** By name. */
    Page<Dependent> page(long cacheId, String ecosystem, String normalised, int page) {
        var parameters = new HashMap<>(key(cacheId, ecosystem, normalised));
        parameters.put("limit", PAGE_SIZE);
        parameters.put("offset", Page.offset(page, PAGE_SIZE));
        var rows = sql.rowsByOnePlan("""
                select f.*, r.version from (
                  select g.*, count(*) over () as total from (
                    select distinct on (p.id) p.name, p.normalised, d.release_id, d.range, d.kind %s order by p.id, d.ord) g
                  order by g.normalised collate "C" limit :limit offset :offset) f
                join release r on r.id = f.release_id order by f.normalised collate "C\"""".formatted(DECLARING), parameters);
        return Page.of(rows, page, PAGE_SIZE, Dependent::of);
    }

    /** Names of a few, for whoever asks why anybody looks for this name. Of many not all are read, so they need not be the first. */
    List<String> some(long cacheId, String ecosystem, String normalised, int limit) {
        var parameters = new HashMap<>(key(cacheId, ecosystem, normalised));
        parameters.put("limit", limit);
        parameters.put("read", READ);
        return sql
                .rows(
                        "select f.name from (select p.name " + DECLARING
                                + " limit :read) f group by f.name order by f.name limit :limit",
                        parameters)
                .stream()
                .map(row -> row.text("name"))
                .toList();
    }

    private static Map<String, Object> key(long cacheId, String ecosystem, String normalised) {
        return Map.of("cache", cacheId, "ecosystem", ecosystem, "normalised", normalised);
    }
}
