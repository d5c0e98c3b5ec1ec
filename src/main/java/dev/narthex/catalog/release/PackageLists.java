package dev.narthex.catalog.release;

import dev.narthex.catalog.Page;
import dev.narthex.catalog.SlowQueryCache;
import dev.narthex.catalog.Sort;
import dev.narthex.catalog.download.DownloadRows;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Lists packages that have a released version. One query selects the packages of a page, then reads the remaining columns only
 * for these; their dependents are counted separately.
 */
@ApplicationScoped
class PackageLists {
    static final int PAGE_SIZE = 20;

    private static final String DEFAULT_RELEASE = "join release r on r.id = h.default_release";

    /** Query for the names on which packages of these caches depend, with the number of dependents, as in {@link DependentsQuery}. */
    private static final String DEMAND = """
            select u.cache_id, u.ecosystem, u.normalized, count(*) as n from (
              select distinct d.release_id, d.cache_id, d.ecosystem, d.normalized
              from package x join dependency d on d.release_id = x.default_release and d.cache_id = x.cache_id
              where x.cache_id = any(cast(:caches as bigint[])) and (:ecosystem = '' or x.ecosystem = :ecosystem)) u
            group by u.cache_id, u.ecosystem, u.normalized
            """;

    /** Longer counts are cached: counting 100,000 packages takes longer than the rest of a page. */
    private static final Duration QUICK = Duration.ofMillis(5);

    private final Database sql;
    private final DependentsQuery dependents;
    private final SlowQueryCache<Registry, Long> counts = new SlowQueryCache<>(QUICK, this::countPackages);

    PackageLists(Database sql, DependentsQuery dependents) {
        this.sql = sql;
        this.dependents = dependents;
    }

    private record Registry(long cacheId, String ecosystem) {}

    private long countPackages(Registry registry) {
        return sql.statement("""
                        select count(*) as n from package p
                        where p.cache_id = :cache and p.ecosystem = :ecosystem and p.default_release is not null""")
                .bind("cache", registry.cacheId)
                .bind("ecosystem", registry.ecosystem)
                .list()
                .getFirst()
                .longValue("n");
    }

    Page<PackageSummary> list(long cacheId, String ecosystem, Sort sort, int page) {
        return switch (sort) {
            case NAME -> byName(cacheId, ecosystem, page);
            case NEWEST -> byNumber(cacheId, ecosystem, page, """
                join (select x.id, x.published_at as n from release x) s on s.id = p.default_release
                """);
            case DEPENDENTS ->
                byNumber(
                        cacheId,
                        ecosystem,
                        page,
                        "left join (" + DEMAND
                                + ") s on (s.cache_id, s.ecosystem, s.normalized) = (p.cache_id, p.ecosystem, p.normalized)\n");
        };
    }

    /**
     * Returns a page by name. The page and the total are separate queries, so that the page reads the index only up to its end.
     * Materialized, because the planner could otherwise sort all packages, if it expects a high cost for each row.
     */
    private Page<PackageSummary> byName(long cacheId, String ecosystem, int page) {
        var rows = sql.statement(lines("""
                with q as materialized (
                  select p.* from package p
                  where p.cache_id = :cache and p.ecosystem = :ecosystem and p.default_release is not null
                  order by p.normalized collate "C" limit :limit offset :offset)
                select q.*, row_number() over (order by q.normalized collate "C") as ord from q""", DEFAULT_RELEASE))
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("limit", PAGE_SIZE)
                .bind("offset", Page.offset(page, PAGE_SIZE))
                .listWithGenericPlan();
        long total = counts.get(new Registry(cacheId, ecosystem));
        return new Page<>(
                rows.stream().map(toSummary(rows)).toList(),
                // the cached total may be outdated
                Math.max(total, rows.isEmpty() ? 0 : Page.offset(page, PAGE_SIZE) + rows.size()),
                Page.number(page),
                PAGE_SIZE);
    }

    /**
     * Returns a page sorted by a number, in descending order.
     *
     * @param numbered a join that provides the number {@code s.n} for each package {@code p}
     */
    private Page<PackageSummary> byNumber(long cacheId, String ecosystem, int page, String numbered) {
        var order = "s.n desc nulls last, p.normalized collate \"C\"";
        var rows = sql.statement(lines("""
                select p.*, count(*) over () as total, row_number() over (order by %2$s) as ord from package p %1$s
                where p.cache_id = any(cast(:caches as bigint[])) and p.ecosystem = :ecosystem and p.default_release is not null
                order by ord limit :limit offset :offset""".formatted(numbered, order), DEFAULT_RELEASE))
                .bind("caches", new Long[] {cacheId})
                .bind("ecosystem", ecosystem)
                .bind("limit", PAGE_SIZE)
                .bind("offset", Page.offset(page, PAGE_SIZE))
                .list();
        return Page.of(rows, page, PAGE_SIZE, toSummary(rows));
    }

    /**
     * Searches by name. Exact matches rank first, then names that start with the text, then names with a part that does, then
     * other names that contain every word. Scans all names of these caches, which takes milliseconds for tens of thousands.
     */
    Page<PackageSummary> search(
            Collection<Long> cacheIds, Optional<String> ecosystem, String text, int page, int size) {
        var query = NameQuery.of(text);
        var parameters = new HashMap<String, Object>(Map.of(
                "caches", ids(cacheIds),
                "ecosystem", ecosystem.orElse(""),
                "limit", size,
                "offset", Page.offset(page, size)));
        parameters.putAll(query.parameters());
        var rows = sql.statement(lines("""
                select p.*, count(*) over () as total, row_number() over (order by %1$s, length(p.normalized),
                  p.normalized collate "C", p.ecosystem, p.cache_id) as ord
                from package p where p.cache_id = any(cast(:caches as bigint[])) and (:ecosystem = '' or p.ecosystem = :ecosystem)
                  and %2$s and p.default_release is not null
                order by ord limit :limit offset :offset""".formatted(NameQuery.RANK, NameQuery.MATCHES), DEFAULT_RELEASE))
                .bindAll(parameters)
                .list();
        return Page.of(rows, page, size, toSummary(rows));
    }

    /**
     * Returns packages by their newest release, each package once. May return fewer than {@code limit} if one package has many
     * recent releases.
     */
    List<PackageSummary> newest(Collection<Long> cacheIds, int limit) {
        var rows = sql.statement(lines("""
                select p.*, n.release_id, row_number() over (order by n.published_at desc, n.release_id desc) as ord
                from (select distinct on (b.package_id) b.* from (
                    select x.package_id, x.id as release_id, x.published_at
                    from release x join package p on p.id = x.package_id and p.cache_id = any(cast(:caches as bigint[]))
                    where x.state = 'released' order by x.published_at desc, x.id desc limit :burst) b
                  order by b.package_id, b.published_at desc, b.release_id desc) n join package p on p.id = n.package_id
                order by ord limit :limit""", "join release r on r.id = h.release_id"))
                .bind("caches", ids(cacheIds))
                .bind("burst", limit * 20)
                .bind("limit", limit)
                .list();
        return rows.stream().map(toSummary(rows)).toList();
    }

    /** Returns the packages with the most dependents. Names without a package in the cache are skipped. */
    List<PackageSummary> mostDepended(Collection<Long> cacheIds, int limit) {
        var rows = sql.statement(lines("""
                select p.*, s.n, row_number() over (order by s.n desc, p.normalized collate "C", p.id) as ord
                from (%s) s join package p
                  on (p.cache_id, p.ecosystem, p.normalized) = (s.cache_id, s.ecosystem, s.normalized)
                where p.default_release is not null order by ord limit :limit""".formatted(DEMAND), DEFAULT_RELEASE))
                .bind("caches", ids(cacheIds))
                .bind("ecosystem", "")
                .bind("limit", limit)
                .list();
        return rows.stream()
                .map(row -> PackageSummary.of(row, row.longValue("n")))
                .toList();
    }

    /**
     * Returns a query that adds the columns of {@link PackageSummary}.
     *
     * @param hits a query for packages, with their position in column ord
     * @param release a join that provides the release {@code r} for each hit {@code h}
     */
    private static String lines(String hits, String release) {
        return """
                select c.name as cache, h.ecosystem, h.name, h.normalized, h.*, r.version, r.published_at,
                  coalesce(r.facts ->> 'summary', '') as summary, coalesce(r.facts ->> 'licence', '') as licence,
                  %s as downloads,
                  array(%s) as also_in
                from (%s) h join cache c on c.id = h.cache_id %s order by h.ord""".formatted(DownloadRows.lastMonthSubquery("h"), SameProjectSql.ecosystems("h"), hits, release);
    }

    /** Returns a reader for these rows, after counting all their dependents with one query. */
    private Function<Row, PackageSummary> toSummary(List<Row> rows) {
        var counts = dependents.counts(rows.stream().map(PackageLists::name).toList());
        return row -> PackageSummary.of(row, counts.getOrDefault(name(row), 0L));
    }

    private static DependentsQuery.DependencyName name(Row row) {
        return new DependentsQuery.DependencyName(
                row.longValue("cache_id"), row.string("ecosystem"), row.string("normalized"));
    }

    private static Long[] ids(Collection<Long> cacheIds) {
        return cacheIds.toArray(Long[]::new);
    }
}
