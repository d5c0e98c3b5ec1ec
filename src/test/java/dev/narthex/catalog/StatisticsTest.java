package dev.narthex.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class StatisticsTest {
    private static final String WRITTEN =
            "'package', 'release', 'artifact', 'path', 'nar', 'dependency', 'download_day'";

    @Inject
    CatalogFixture tables;

    @Inject
    Packages packages;

    @Inject
    Statistics statistics;

    private Cache cache;

    /** Like before the first import: there are no table statistics, and autovacuum has not run yet. */
    @BeforeEach
    void withoutStatistics() {
        cache = tables.newCache();
        for (var table : WRITTEN.replaceAll("[' ]", "").split(",")) {
            tables.run("alter table " + table + " set (autovacuum_enabled = false)");
        }
        tables.run("delete from pg_statistic where starelid in (select oid from pg_class where relname in (" + WRITTEN
                + "))");
        tables.run("update pg_class set reltuples = -1, relpages = 0 where relname in (" + WRITTEN + ")");
    }

    @AfterEach
    void asBefore() {
        tables.run("delete from artifact a using path p where p.id = a.path_id and p.cache_id = " + cache.id());
        tables.run("delete from cache where id = " + cache.id());
        for (var table : WRITTEN.replaceAll("[' ]", "").split(",")) {
            tables.run("alter table " + table + " reset (autovacuum_enabled)");
        }
        tables.run("analyze");
    }

    @Test
    void grownTablesAreAnalyzedBeforePackagesAreListed() {
        list();
        for (int i = 0; i < 10; i++) {
            list();
        }
        fill(Math.max(30_000, 2 * tables.number("select count(*) from package")));
        long begun = System.nanoTime();
        list();
        System.out.printf(
                "list by name without statistics: %d ms%n",
                Duration.ofNanos(System.nanoTime() - begun).toMillis());
        statistics.update();
        assertEquals(0, tables.number("select n_mod_since_analyze from pg_stat_user_tables where relname = 'package'"));
        assertTrue(tables.number("select count(*) from pg_stats where tablename = 'release'") > 0);
        begun = System.nanoTime();
        list();
        var took = Duration.ofNanos(System.nanoTime() - begun);
        System.out.printf("list by name with statistics: %d ms%n", took.toMillis());
        assertTrue(took.toMillis() < 1000, "the list took " + took);
    }

    private void list() {
        packages.list(cache.id(), "npm", Sort.NAME, 1);
    }

    private void fill(long count) {
        run("""
                insert into nar (domain_id, nar_hash, nar_size, kind, encoding, file_size, inline)
                select :domain, sha256(convert_to('stat' || :cache || '-' || i, 'UTF8')), i, 0, gen_random_uuid(), 1, ''
                from generate_series(1, :count) i""", count);
        run("""
                insert into path (cache_id, hash_part, name, nar_id, refs)
                select :cache, '5' || lpad(i::text, 31, '0'), 'lib-' || i, n.id, '{}'
                from generate_series(1, :count) i join nar n on n.domain_id = :domain and n.nar_size = i""", count);
        run("""
                insert into package (cache_id, ecosystem, name, normalized)
                select :cache, 'npm', 'sail-' || i, 'sail-' || i from generate_series(1, :count) i""", count);
        run("""
                insert into release (package_id, version, version_key, state, facts, recognizer, published_at)
                select p.id, '1.0.0', '\\x01', 'released', '{}', 1, now() from package p where p.cache_id = :cache""", count);
        run("""
                insert into artifact (release_id, build, filename, path_id, byte_offset, length, sha256, origin, state, at)
                select r.id, s.hash_part, p.name || '.tgz', s.id, 96, 10, sha256('x'), 'exact', 'released', now()
                from package p join release r on r.package_id = p.id
                  join path s on s.cache_id = :cache and s.name = 'lib-' || substr(p.name, 6)
                where p.cache_id = :cache""", count);
        run("""
                insert into dependency (release_id, ord, cache_id, ecosystem, normalized, name, range, kind)
                select r.id, o, :cache, 'npm', 'sail-' || (r.id * o) % 3000, 'sail', '^1', 'runtime'
                from package p join release r on r.package_id = p.id, generate_series(1, 3) o where p.cache_id = :cache""", count);
        run("""
                update package p set default_release = (select r.id from release r where r.package_id = p.id)
                where p.cache_id = :cache""", count);
        run("select pg_stat_force_next_flush()", count);
    }

    private void run(String sql, long count) {
        tables.run(sql.replace(":cache", Long.toString(cache.id()))
                .replace(":domain", Long.toString(cache.domainId()))
                .replace(":count", Long.toString(count)));
    }
}
