package dev.narthex.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.release.IndexSource;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.CatalogTour;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Query plans for a large cache. {@code -Dcatalog.packages=20000} makes it very large and prints the time of each query. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class QueryPlansTest {
    private static final int USUAL = 2000;
    private static final int PACKAGES = Integer.getInteger("catalog.packages", USUAL);
    private static final int RELEASES = 3;
    private static final int MEASURED = 5;
    /** In smaller tables, PostgreSQL rightly prefers to read everything. */
    private static final int OTHER_CACHES = 40;

    /** Queries about all packages or paths of a cache, which may read all of it, and writes, which look up by key. */
    private static final List<String> WHOLE = List.of(
            "CacheCatalog.",
            "CacheStatsQuery.of",
            "CacheStatsQuery.totals",
            "CacheDeletion.removeSome",
            "ExpiredReleases.count",
            "Paths.newest",
            "CacheKeyring.",
            "ChangeLog.",
            "Packages.list",
            "Packages.search",
            "Packages.newest",
            "Packages.mostDepended",
            "Releases.",
            "ReleaseHistory.newest of a cache",
            "ReleaseHistory.partition",
            "DerivationMetaRepository.add",
            "DerivationMetaRepository.expire",
            "Paths.markAccessed");

    /** Scans of a whole table, a whole index, or all rows of a cache, instead of the requested rows. */
    private static final List<Pattern> MUCH = List.of(
            Pattern.compile("Seq Scan on (path|nar|package|release|artifact|dependency|download_day)\\b"),
            Pattern.compile(
                    "Bitmap Index Scan on (path|nar|package|release|artifact|dependency)_\\w+ [^\n]*(?!\\n *Index Cond)(\\n|$)"),
            Pattern.compile("Scan (using|on) artifact_named\\b[^\n]*\\n *Index Cond: \\(release_id = \\S+\\)(\\n|$)"),
            Pattern.compile(
                    "Scan (using \\w+ on|on) (path|package)(\\b|_)[^\n]*\\n *Index Cond: \\(cache_id = \\S+\\)(\\n|$)"));

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;

    @Inject
    CatalogTour tour;

    @Inject
    IndexSource search;

    private Cache cache;
    private final List<Long> others = new ArrayList<>();

    @BeforeEach
    void aLargeCache() {
        cache = tables.newCache();
        bulk("""
                insert into nar (domain_id, nar_hash, nar_size, kind, encoding, file_size, inline)
                select :domain, sha256(convert_to('bulk' || :cache || '-' || i, 'UTF8')), i, 0, gen_random_uuid(), 1, ''
                from generate_series(0, :packages * 5 - 1) i""");
        bulk("""
                insert into path (cache_id, hash_part, name, nar_id, refs, deriver, pushed_by, pushed_at)
                select :cache, '1' || lpad(i::text, 31, '0'), 'lib-' || i, n.id, array(
                    select '1' || lpad(j::text, 31, '0') || '-lib-' || j
                    from unnest(array[0, i / 2, i / 3, i * 7919::bigint % 1000]) j where j < i),
                  '2' || lpad(i::text, 31, '0') || '-lib-' || i || '.drv', 'anna', timestamptz '2025-01-01Z' + make_interval(secs => i)
                from generate_series(0, :packages * 5 - 1) i join nar n on n.domain_id = :domain and n.nar_size = i""");
        bulk("""
                insert into package (cache_id, ecosystem, name, normalized)
                select :cache, 'npm', k.name, k.name from generate_series(1, :packages) i, lateral (
                  select case when i % 4 = 0 then '@scope' || i % 50 || '/' else '' end || left(md5(i::text), 4 + i % 7) || '-' || i
                    as name) k""");
        tables.run("analyze nar, path, package");
        bulk("""
                insert into release (package_id, version, version_key, state, facts, recognizer, published_at, published_by)
                select p.id, v || '.0.0', decode(lpad(to_hex(v), 8, '0'), 'hex'), 'released', jsonb_build_object('summary',
                    'summary of ' || p.name, 'licence', 'MIT', 'manifest', repeat('{"name": 1}', 50)), 1,
                  timestamptz '2025-01-01Z' + make_interval(secs => p.id * 3 + v), 'anna'
                from package p, generate_series(1, :releases) v where p.cache_id = :cache""");
        tables.run("analyze release");
        bulk("""
                insert into artifact (release_id, build, filename, path_id, byte_offset, length, sha256, sha512, origin, state, at)
                select r.id, s.hash_part, p.name || '-' || r.version || '.tgz', s.id, 96, 10, sha256('x'), sha512('x'), 'exact',
                  'released', r.published_at
                from package p join release r on r.package_id = p.id
                  join path s on s.cache_id = :cache
                    and s.hash_part = cast('1' || lpad((r.id % (:packages * 5))::text, 31, '0') as char(32))
                where p.cache_id = :cache""");
        bulk("""
                insert into dependency (release_id, ord, cache_id, ecosystem, normalized, name, range, kind)
                select r.id, o, :cache, 'npm', t.normalized, t.normalized, '^1', 'runtime'
                from package p join release r on r.package_id = p.id, generate_series(1, 8) o, lateral (
                  select 'needed-' || case when o = 1 then 0 else r.id * o * 7919::bigint % 3000 end as normalized) t
                where p.cache_id = :cache""");
        bulk("""
                update package p set default_release = (select r.id from release r where r.package_id = p.id
                  order by r.version_key desc limit 1) where p.cache_id = :cache""");
        bulk("""
                insert into download_day (release_id, day, n)
                select r.id, current_date - d, 1 from package p join release r on r.package_id = p.id, generate_series(0, 20) d
                where p.cache_id = :cache""");
        for (int i = 0; i < OTHER_CACHES; i++) {
            others.add(tables.newCache().id());
        }
        tables.run("""
                insert into package (cache_id, ecosystem, name, normalized)
                select c, 'npm', 'alone', 'alone' from unnest(array%s) c""".formatted(others));
        tables.run("""
                insert into path (cache_id, hash_part, name, nar_id, refs)
                select c, repeat('3', 32), 'alone', (select min(id) from nar), '{}' from unnest(array%s) c""".formatted(others));
        tables.run("vacuum analyze path, nar, package, release, artifact, dependency, download_day");
    }

    private void bulk(String sql) {
        tables.run(sql.replace(":cache", Long.toString(cache.id()))
                .replace(":domain", Long.toString(cache.domainId()))
                .replace(":packages", Integer.toString(PACKAGES))
                .replace(":releases", Integer.toString(RELEASES)));
    }

    @AfterEach
    void theOthersNeedNotReadIt() {
        tables.run("delete from artifact a using path p where p.id = a.path_id and p.cache_id = " + cache.id());
        others.add(cache.id());
        tables.run("delete from cache where id = any(array" + others + ")");
    }

    @Test
    void queriesForFewRowsReadFewRows() {
        var place = place();
        var scans = new TreeMap<String, List<String>>();
        tour.stops(place).forEach((name, stop) -> {
            var statements = RecordingDriver.of(stop.call());
            if (WHOLE.stream().noneMatch(name::startsWith)) {
                statements.stream()
                        .flatMap(sql -> much(tables.plan(sql)).stream())
                        .forEach(scan -> scans.computeIfAbsent(name, _ -> new ArrayList<>())
                                .add(scan));
            }
        });
        if (PACKAGES > USUAL) {
            time(place);
        }
        assertEquals(new TreeMap<String, List<String>>(), scans);
    }

    /** The follower of the change log may query before the table statistics reflect the growth. */
    @Test
    void indexingReadsInBatchesWithoutTableStatistics() {
        var asked = RecordingDriver.of(() -> {
            var changed = search.changes(0, Integer.MAX_VALUE).packageIds();
            search.rows(changed.stream().limit(2).toList());
        });
        assertEquals(
                List.of(),
                asked.stream().flatMap(sql -> much(tables.plan(sql)).stream()).toList());
        assertEquals(
                List.of(),
                tables.plansWithoutStatistics(asked).stream()
                        .flatMap(plan -> much(plan).stream())
                        .toList());
    }

    private static List<String> much(List<String> plan) {
        return MUCH.stream()
                .flatMap(pattern -> pattern.matcher(String.join("\n", plan)).results())
                .map(MatchResult::group)
                .toList();
    }

    private void time(CatalogTour.Place place) {
        tour.stops(place).forEach((name, stop) -> {
            var times = new ArrayList<Long>();
            for (int i = 0; i < MEASURED && !name.startsWith("CacheCatalog.create"); i++) {
                long start = System.nanoTime();
                stop.call().run();
                times.add((System.nanoTime() - start) / 10_000);
            }
            times.sort(null);
            System.out.printf("%-32s %8.2f ms%n", name, times.isEmpty() ? 0 : times.get(times.size() / 2) / 100.0);
        });
    }

    /** A package that one in eight others depends on, whose path references the path that all reference. */
    private CatalogTour.Place place() {
        var root = "1" + "0".repeat(31) + "-lib-0";
        var path = tables.push(cache, "needed-0", root, "1" + "0".repeat(28) + "999-lib-999");
        recognized.record(
                cache, "npm", path, RecognitionFixture.of("needed-0", "1.0.0").named("f.tgz"));
        return new CatalogTour.Place(cache, "needed-0", "1.0.0", path);
    }
}
